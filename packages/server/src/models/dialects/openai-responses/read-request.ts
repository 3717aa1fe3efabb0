import { CausewayError } from '@causeway/contracts'
import type { DialectName } from '../dialect-name.ts'
import { systemMessage, userMessage } from '../../model-request.ts'
import type {
  ExtraFields,
  ModelMessage,
  ModelRequest,
  ModelTool,
  OutputFormat,
  ReasoningWish,
  ToolChoice,
} from '../../model-request.ts'
import { parseBody } from '../parse-body.ts'
import { freeTextSchema } from './free-text.ts'
import { readItems } from './read-items.ts'
import { requireServed } from './require-served.ts'
import { knownFields, ResponsesRequest, type RequestTool } from './request-schema.ts'

const dialect: DialectName = 'openai-responses'

/** Fields that are about the transport or about keeping the answer, and are the gateway's own matter. */
const ownMatter: ReadonlySet<string> = new Set([
  'stream',
  'stream_options',
  'store',
  'background',
  'previous_response_id',
  'conversation',
])

/** @throws CausewayError invalid-json, invalid-request */
export function readResponsesRequest(body: Buffer): ModelRequest {
  const parsed = ResponsesRequest.safeParse(parseBody(body))
  if (!parsed.success)
    throw new CausewayError('invalid-request', 'The request is no request for a response.', {
      problems: parsed.error.issues.map(({ path, message }) => ({ pointer: `/${path.join('/')}`, message })),
    })
  const request = parsed.data
  requireServed(request)
  const messages = readMessages(request)
  if (messages.length === 0)
    throw new CausewayError('invalid-request', 'The request has no input.', {
      problems: [{ pointer: '/input', message: 'expected a text or a list of items' }],
    })
  const tools = readTools(request)
  const output = readFormat(request)
  const reasoning = readReasoning(request)
  const extra = extraOf(request)
  return {
    route: request.model,
    messages,
    ...tools,
    ...given({
      parallelToolCalls: request.parallel_tool_calls,
      temperature: request.temperature,
      topP: request.top_p,
      maxOutputTokens: request.max_output_tokens,
      serviceTier: request.service_tier,
      user: request.user,
      cacheKey: request.prompt_cache_key,
    }),
    ...(output && { output }),
    ...(reasoning && { reasoning }),
    ...(extra && { extra }),
  }
}

type Given<Fields> = { [Key in keyof Fields]?: NonNullable<Fields[Key]> }

/** The fields that have a value. */
const given = <Fields extends object>(fields: Fields): Given<Fields> =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined),
  ) as Given<Fields>

function readMessages({ instructions, input }: ResponsesRequest): ModelMessage[] {
  const items = typeof input === 'string' ? [userMessage(input)] : readItems(input ?? [])
  return instructions ? [systemMessage(instructions), ...items] : items
}

function readTools(request: ResponsesRequest): Pick<ModelRequest, 'tools' | 'toolChoice' | 'foreignTools'> {
  const all = request.tools ?? []
  const { tool_choice: choice } = request
  const allowed = namesIn(choice)
  const tools = all.flatMap(readTool).filter(({ name }) => !allowed || allowed.has(name))
  const foreignTools = all
    .filter(tool => readTool(tool).length === 0)
    .map(({ format, ...value }) => ({ dialect, value: format === undefined ? value : { ...value, format } }))
  const toolChoice = readChoice(choice)
  return {
    tools,
    ...(toolChoice && { toolChoice }),
    ...(foreignTools.length > 0 && { foreignTools }),
  }
}

function readTool({ type, name, description, parameters, strict, format }: RequestTool): ModelTool[] {
  if (!name) return []
  const about = { name, description: description ?? '' }
  if (type === 'custom')
    return [{ ...about, input: freeTextSchema, freeText: format === undefined || format === null ? {} : { format } }]
  if (type !== 'function') return []
  const input = parameters ?? { type: 'object', properties: {} }
  return [{ ...about, input, ...(typeof strict === 'boolean' && { strict }) }]
}

type Choice = ResponsesRequest['tool_choice']

/** The tools that may be asked for, where the request narrows them down. */
function namesIn(choice: Choice): Set<string> | undefined {
  if (typeof choice !== 'object' || choice?.type !== 'allowed_tools') return undefined
  return new Set((choice.tools ?? []).flatMap(({ name }) => name ?? []))
}

function readChoice(choice: Choice): ToolChoice | undefined {
  if (typeof choice !== 'object') return choice
  if (choice?.type === 'allowed_tools') return choice.mode === 'required' ? 'required' : 'auto'
  return isNamed(choice) ? { tool: choice?.name ?? '' } : undefined
}

const isNamed = (choice: Exclude<Choice, string>): boolean =>
  Boolean(choice?.name) && (choice?.type === 'function' || choice?.type === 'custom')

function readFormat({ text }: ResponsesRequest): OutputFormat | undefined {
  const format = text?.format
  if (format?.type === 'json_object') return { type: 'json' }
  if (format?.type !== 'json_schema' || !format.schema) return undefined
  const { name, schema, description, strict } = format
  return { type: 'json-schema', name: name ?? 'answer', schema, ...given({ description, strict }) }
}

function readReasoning({ reasoning }: ResponsesRequest): ReasoningWish | undefined {
  if (!reasoning) return undefined
  const { effort, summary } = reasoning
  return { ...(effort && { effort }), ...(summary && { show: true }) }
}

/** The fields without a place in the canonical request; of `text`, `reasoning` and `tool_choice` what is left of them. */
function extraOf(request: ResponsesRequest): ExtraFields | undefined {
  const { tool_choice: choice } = request
  const { format: _format, ...text } = request.text ?? {}
  const { effort: _effort, ...reasoning } = request.reasoning ?? {}
  const forced = typeof choice === 'object' && choice && choice.type !== 'allowed_tools' && !isNamed(choice)
  const rest = Object.entries(request).filter(([key]) => !(key in knownFields) && !ownMatter.has(key))
  const fields = Object.fromEntries(
    [...rest, ['text', text], ['reasoning', reasoning], ['tool_choice', forced ? choice : undefined]].filter(
      ([, value]) => !isEmpty(value),
    ),
  ) as Record<string, unknown>
  if (Object.keys(fields).length === 0) return undefined
  const essential = ['prompt', 'tool_choice', ...(wantsLogprobs(request) ? ['top_logprobs', 'include'] : [])]
  const present = essential.filter(field => field in fields)
  return { dialect, fields, ...(present.length > 0 && { essential: present }) }
}

const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  (typeof value === 'object' && Object.values(value).every(each => each === null || each === undefined))

const wantsLogprobs = ({ include }: ResponsesRequest): boolean =>
  Array.isArray(include) && include.includes('message.output_text.logprobs')
