import { CausewayError } from '@causeway/contracts'
import type {
  ExtraFields,
  ModelRequest,
  ModelTool,
  OutputFormat,
  ReasoningWish,
  ToolChoice,
} from '../../model-request.ts'
import type { RequestAddress } from '../dialect.ts'
import { isRecord, requireModel } from '../head-members.ts'
import { parseBody } from '../parse-body.ts'
import { camelCase } from './camel-case.ts'
import { readContents, readInput } from './read-contents.ts'
import {
  GeminiRequest,
  knownFields,
  knownSettings,
  type FunctionDeclaration,
  type GenerationConfig,
  type ThinkingConfig,
} from './request-schema.ts'
import { readSchema } from './schema.ts'

/** @throws CausewayError invalid-json, invalid-request */
export function readGeminiRequest(body: Buffer, address: RequestAddress): ModelRequest {
  const parsed = GeminiRequest.safeParse(wholeRequest(camelCase(parseBody(body))))
  if (!parsed.success)
    throw new CausewayError('invalid-request', 'The request is no generateContent request.', {
      problems: parsed.error.issues.map(({ path, message }) => ({ pointer: `/${path.join('/')}`, message })),
    })
  const request = parsed.data
  const settings = request.generationConfig ?? {}
  const choice = readToolChoice(request)
  const system = (request.systemInstruction?.parts ?? []).flatMap(readInput).filter(part => part.type === 'text')
  const foreignTools = readForeignTools(request)
  const output = readFormat(settings)
  const reasoning = settings.thinkingConfig && readThinking(settings.thinkingConfig)
  const extra = extraOf(request)
  return {
    route: requireModel(address.model),
    messages: [
      ...(system.length > 0 ? [{ role: 'system', content: system } as const] : []),
      ...readContents(request.contents),
    ],
    tools: readTools(request).filter(({ name }) => !choice.among || choice.among.has(name)),
    ...(choice.toolChoice && { toolChoice: choice.toolChoice }),
    ...given({
      temperature: settings.temperature,
      topP: settings.topP,
      topK: settings.topK,
      stop: settings.stopSequences,
      maxOutputTokens: settings.maxOutputTokens,
      seed: settings.seed,
      presencePenalty: settings.presencePenalty,
      frequencyPenalty: settings.frequencyPenalty,
      serviceTier: request.serviceTier,
    }),
    ...(output && { output }),
    ...(reasoning && { reasoning }),
    ...(foreignTools.length > 0 && { foreignTools }),
    ...(extra && { extra }),
  }
}

/** A request to count tokens may hold the whole request for an answer. */
const wholeRequest = (body: unknown): unknown =>
  isRecord(body) && isRecord(body['generateContentRequest']) ? body['generateContentRequest'] : body

type Given<Fields> = { [Key in keyof Fields]?: NonNullable<Fields[Key]> }

/** The fields that have a value. */
const given = <Fields extends object>(fields: Fields): Given<Fields> =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined),
  ) as Given<Fields>

function readTools({ tools }: GeminiRequest): ModelTool[] {
  return (tools ?? []).flatMap(tool => tool.functionDeclarations ?? []).map(readTool)
}

/** Google's own tools may stand beside functions in one object. */
const readForeignTools = ({ tools }: GeminiRequest): NonNullable<ModelRequest['foreignTools']> =>
  (tools ?? [])
    .map(({ functionDeclarations: _read, ...tool }) => tool)
    .filter(tool => Object.keys(tool).length > 0)
    .map(value => ({ dialect: 'gemini', value }))

const readTool = ({ name, description, parameters, parametersJsonSchema }: FunctionDeclaration): ModelTool => ({
  name,
  description: description ?? '',
  input: parametersJsonSchema ?? (parameters ? readSchema(parameters) : { type: 'object', properties: {} }),
})

/** `among` are the only tools that may be called, where not all of them may. */
function readToolChoice({ toolConfig }: GeminiRequest): { toolChoice?: ToolChoice; among?: ReadonlySet<string> } {
  const { mode, allowedFunctionNames: names } = toolConfig?.functionCallingConfig ?? {}
  const [only, ...others] = names ?? []
  const among = only === undefined ? {} : { among: new Set(names) }
  switch (mode?.toUpperCase() ?? '') {
    case 'NONE':
      return { toolChoice: 'none' }
    case 'ANY':
      return only !== undefined && others.length === 0
        ? { toolChoice: { tool: only } }
        : { toolChoice: 'required', ...among }
    case 'AUTO':
    case 'VALIDATED':
      return { toolChoice: 'auto', ...among }
    default:
      return {}
  }
}

function readFormat(settings: GenerationConfig): OutputFormat | undefined {
  const { responseMimeType: type, responseSchema, responseJsonSchema } = settings
  const schema = responseJsonSchema ?? (responseSchema ? readSchema(responseSchema) : undefined)
  if (schema) return { type: 'json-schema', name: 'answer', schema, strict: true }
  return type === 'application/json' ? { type: 'json' } : undefined
}

function readThinking({ includeThoughts, thinkingBudget, thinkingLevel }: ThinkingConfig): ReasoningWish {
  return {
    ...(thinkingLevel && { effort: thinkingLevel.toLowerCase() }),
    // A negative budget leaves it to the model, as no budget does.
    ...(typeof thinkingBudget === 'number' && thinkingBudget >= 0 && { budgetTokens: thinkingBudget }),
    ...(typeof includeThoughts === 'boolean' && { show: includeThoughts }),
  }
}

/** Fields inside of others are named by their path, so that each can be reported and refused by itself. */
function extraOf(request: GeminiRequest): ExtraFields | undefined {
  const { functionCallingConfig: _read, ...toolConfig } = request.toolConfig ?? {}
  const entries = [
    ...Object.entries(request).filter(([field]) => !Object.hasOwn(knownFields, field) && field !== 'model'),
    ...Object.entries(request.generationConfig ?? {})
      .filter(([field]) => !Object.hasOwn(knownSettings, field))
      .map(([field, value]) => [`generationConfig.${field}`, value] as const),
    ...Object.entries(toolConfig).map(([field, value]) => [`toolConfig.${field}`, value] as const),
  ].filter(([field, value]) => value !== null && value !== undefined && !isUsual(field, value))
  if (entries.length === 0) return undefined
  const essential = entries.filter(([field]) => essentialFields.has(field)).map(([field]) => field)
  return {
    dialect: 'gemini',
    fields: Object.fromEntries(entries),
    ...(essential.length > 0 && { essential }),
  }
}

const essentialFields: ReadonlySet<string> = new Set([
  'cachedContent',
  'generationConfig.candidateCount',
  'generationConfig.responseModalities',
  'generationConfig.responseLogprobs',
])

/** Whether a value asks for nothing but what every model does. */
function isUsual(field: string, value: unknown): boolean {
  if (field === 'generationConfig.candidateCount') return value === 1
  if (field === 'generationConfig.responseLogprobs') return value === false
  return (
    field === 'generationConfig.responseModalities' &&
    Array.isArray(value) &&
    value.every(each => typeof each === 'string' && each.toUpperCase() === 'TEXT')
  )
}
