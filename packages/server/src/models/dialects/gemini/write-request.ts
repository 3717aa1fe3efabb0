import type { ModelRequest, OutputFormat, ToolChoice } from '../../model-request.ts'
import type { Quirks, WriteRequestOptions, WrittenRequest } from '../dialect.ts'
import { extraFieldsFor } from '../extra-fields.ts'
import { isRecord } from '../head-members.ts'
import { abilitiesOf, type ModelAbilities } from './model-generation.ts'
import { writeThinking } from './thinking.ts'
import { writeContents } from './write-contents.ts'

/** The body of POST /models/{model}:generateContent. The model and the wish for a stream stand in its address. */
export function writeGeminiRequest(request: ModelRequest, { model, quirks = {} }: WriteRequestOptions): WrittenRequest {
  const abilities = abilitiesOf(model)
  const extra = extraFieldsFor(request, 'gemini')
  const { contents, systemInstruction, dropped } = writeContents(request.messages, abilities)
  const tools = writeTools(request, extra.tools)
  const settings = writeSettings(request, abilities)
  const body = {
    ...(systemInstruction && { systemInstruction }),
    contents,
    ...(tools.length > 0 && { tools }),
    ...fieldsAt(extra.fields, undefined),
    ...group('toolConfig', {
      ...(request.toolChoice !== undefined &&
        tools.length > 0 && { functionCallingConfig: writeToolChoice(request.toolChoice) }),
      ...fieldsAt(extra.fields, 'toolConfig'),
    }),
    ...group('generationConfig', { ...settings, ...fieldsAt(extra.fields, 'generationConfig') }),
    ...(hasTier(request) && !quirks.refusedFields?.includes('serviceTier') && { serviceTier: request.serviceTier }),
  }
  return { body, dropped: [...extra.dropped, ...dropped, ...withoutWords(request, abilities, quirks)] }
}

const tiers: ReadonlySet<string | undefined> = new Set(['standard', 'flex', 'priority'])
const hasTier = ({ serviceTier }: ModelRequest): boolean => tiers.has(serviceTier)

const group = (name: string, fields: Record<string, unknown>): Record<string, unknown> =>
  Object.keys(fields).length > 0 ? { [name]: fields } : {}

/** The fields of another one by their paths, such as `generationConfig.speechConfig`; those without a path for undefined. */
const fieldsAt = (fields: Record<string, unknown>, parent: string | undefined): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([path, value]) => {
      const [, above, name] = /^(toolConfig|generationConfig)\.(.*)$/s.exec(path) ?? []
      return above === parent ? [[name ?? path, value] as const] : []
    }),
  )

function writeTools({ tools }: ModelRequest, foreign: readonly unknown[]): unknown[] {
  const functionDeclarations = tools.map(({ name, description, input }) => ({
    name,
    ...(description && { description }),
    // A function without parameters has no schema: an object without properties is refused by older models.
    ...(takesSomething(input) && { parametersJsonSchema: input }),
  }))
  return [...(functionDeclarations.length > 0 ? [{ functionDeclarations }] : []), ...foreign]
}

/** Whether a schema says more than that the function takes an object. */
function takesSomething({ type, properties, ...others }: Record<string, unknown>): boolean {
  const named = isRecord(properties) && Object.keys(properties).length > 0
  return named || Object.keys(others).length > 0 || type !== 'object'
}

function writeToolChoice(choice: ToolChoice): Record<string, unknown> {
  if (typeof choice === 'object') return { mode: 'ANY', allowedFunctionNames: [choice.tool] }
  return { mode: { auto: 'AUTO', none: 'NONE', required: 'ANY' }[choice] }
}

function writeSettings(request: ModelRequest, abilities: ModelAbilities): Record<string, unknown> {
  const thinkingConfig = request.reasoning && writeThinking(request.reasoning, abilities)
  return {
    ...(request.temperature !== undefined && { temperature: request.temperature }),
    ...(request.topP !== undefined && { topP: request.topP }),
    ...(request.topK !== undefined && { topK: request.topK }),
    ...(request.maxOutputTokens !== undefined && { maxOutputTokens: request.maxOutputTokens }),
    ...(request.stop && { stopSequences: request.stop }),
    ...(request.seed !== undefined && { seed: request.seed }),
    ...(request.presencePenalty !== undefined && { presencePenalty: request.presencePenalty }),
    ...(request.frequencyPenalty !== undefined && { frequencyPenalty: request.frequencyPenalty }),
    ...(request.output && writeFormat(request.output)),
    ...(thinkingConfig && Object.keys(thinkingConfig).length > 0 && { thinkingConfig }),
  }
}

const writeFormat = (output: OutputFormat): Record<string, unknown> => ({
  responseMimeType: 'application/json',
  ...(output.type === 'json-schema' && { responseJsonSchema: output.schema }),
})

/** What this dialect has no words for and what does not change the answer's meaning, as the clients name it. */
function withoutWords(request: ModelRequest, { thinking }: ModelAbilities, { refusedFields }: Quirks): string[] {
  const { serviceTier = 'default' } = request
  const tierIsLost = hasTier(request)
    ? refusedFields?.includes('serviceTier')
    : !['auto', 'default'].includes(serviceTier)
  return [
    ...(tierIsLost ? ['service_tier'] : []),
    ...(request.parallelToolCalls === false && request.tools.length > 0 ? ['parallel_tool_calls'] : []),
    ...(request.user === undefined ? [] : ['user']),
    ...(request.cacheKey === undefined ? [] : ['prompt_cache_key']),
    ...(request.reasoning && thinking === 'none' ? ['reasoning'] : []),
  ]
}
