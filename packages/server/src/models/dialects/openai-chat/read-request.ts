import { CausewayError, JsonSchema } from '@causeway/contracts'
import * as z from 'zod'
import type { OutputPart, TextPart } from '../../content.ts'
import type {
  ExtraFields,
  ModelMessage,
  ModelRequest,
  ModelTool,
  OutputFormat,
  ToolChoice,
} from '../../model-request.ts'
import { readToolArguments } from '../../tool-arguments.ts'
import { parseBody } from '../parse-body.ts'
import { readContent, RequestContent } from './content.ts'
import { readReasoning } from './reasoning.ts'
import { WireMessage } from './wire.ts'

const FunctionCall = z.looseObject({ name: z.string(), arguments: z.string().default('') })
const ToolCall = z.looseObject({
  id: z.string(),
  type: z.string().default('function'),
  function: FunctionCall.optional(),
  custom: z.looseObject({ name: z.string(), input: z.string() }).optional(),
})

const Message = z.discriminatedUnion('role', [
  z.looseObject({ role: z.literal(['system', 'developer']), content: RequestContent }),
  z.looseObject({ role: z.literal('user'), content: RequestContent }),
  z.looseObject({
    role: z.literal('assistant'),
    content: RequestContent.nullish(),
    refusal: z.string().nullish(),
    tool_calls: z.array(ToolCall).nullish(),
    function_call: FunctionCall.nullish(),
  }),
  z.looseObject({ role: z.literal('tool'), tool_call_id: z.string(), content: RequestContent }),
  z.looseObject({ role: z.literal('function'), name: z.string(), content: z.string().nullish() }),
])
type Message = z.infer<typeof Message>

const FunctionTool = z.looseObject({
  name: z.string(),
  description: z.string().nullish(),
  parameters: JsonSchema.nullish(),
  strict: z.boolean().nullish(),
})
const Tool = z.looseObject({ type: z.string().default('function'), function: FunctionTool.optional() })

const Choice = z.union([
  z.enum(['auto', 'none', 'required']),
  z
    .looseObject({ function: z.looseObject({ name: z.string() }) })
    .transform(({ function: { name } }): ToolChoice => ({ tool: name })),
  // Mistral's word for `required`.
  z.literal('any').transform((): ToolChoice => 'required'),
  z.looseObject({ type: z.string() }).transform(() => undefined),
])

const Format = z.looseObject({
  type: z.string(),
  json_schema: z
    .looseObject({
      name: z.string().default('answer'),
      description: z.string().nullish(),
      schema: JsonSchema.nullish(),
      strict: z.boolean().nullish(),
    })
    .nullish(),
})

const count = z.number().int().min(1).nullish()
const number = z.number().nullish()

const known = {
  model: z.string(),
  messages: z.array(Message).min(1),
  tools: z.array(Tool).nullish(),
  functions: z.array(FunctionTool).nullish(),
  tool_choice: Choice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  temperature: number,
  top_p: number,
  top_k: number,
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  max_tokens: count,
  max_completion_tokens: count,
  seed: number,
  presence_penalty: number,
  frequency_penalty: number,
  response_format: Format.nullish(),
  reasoning_effort: z.string().nullish(),
  service_tier: z.string().nullish(),
  user: z.string().nullish(),
  prompt_cache_key: z.string().nullish(),
}
const ChatRequest = z.looseObject(known)
type ChatRequest = z.infer<typeof ChatRequest>

/** Fields that are about the transport, and are the gateway's own matter. */
const transport: ReadonlySet<string> = new Set(['stream', 'stream_options'])

/** @throws CausewayError invalid-json, invalid-request */
export function readChatRequest(body: Buffer): ModelRequest {
  const parsed = ChatRequest.safeParse(parseBody(body))
  if (!parsed.success)
    throw new CausewayError('invalid-request', 'The request is no chat completion request.', {
      problems: parsed.error.issues.map(({ path, message }) => ({ pointer: `/${path.join('/')}`, message })),
    })
  const request = parsed.data
  const maxOutputTokens = request.max_completion_tokens ?? request.max_tokens
  const foreignTools = (request.tools ?? []).filter(tool => !tool.function)
  const output = readFormat(request)
  const extra = extraOf(request)
  const { tool_choice: toolChoice, stop, reasoning_effort: effort } = request
  return {
    route: request.model,
    messages: readMessages(request.messages),
    tools: readTools(request),
    ...(toolChoice && { toolChoice }),
    ...given({
      parallelToolCalls: request.parallel_tool_calls,
      temperature: request.temperature,
      topP: request.top_p,
      topK: request.top_k,
      maxOutputTokens,
      seed: request.seed,
      presencePenalty: request.presence_penalty,
      frequencyPenalty: request.frequency_penalty,
      serviceTier: request.service_tier,
      user: request.user,
      cacheKey: request.prompt_cache_key,
    }),
    ...(stop && { stop: [stop].flat() }),
    ...(output && { output }),
    ...(effort && { reasoning: { effort } }),
    ...(foreignTools.length > 0 && {
      foreignTools: foreignTools.map(value => ({ dialect: 'openai-chat' as const, value })),
    }),
    ...(extra && { extra }),
  }
}

type Given<Fields> = { [Key in keyof Fields]?: NonNullable<Fields[Key]> }

/** The fields that have a value. */
const given = <Fields extends object>(fields: Fields): Given<Fields> =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined),
  ) as Given<Fields>

function extraOf(request: ChatRequest): ExtraFields | undefined {
  const entries = Object.entries(request).filter(
    ([key, value]) => !(key in known) && !transport.has(key) && value !== null && value !== undefined,
  )
  if (entries.length === 0) return undefined
  const fields = Object.fromEntries(entries)
  const essential = [
    ...(typeof fields['n'] === 'number' && fields['n'] > 1 ? ['n'] : []),
    ...(fields['logprobs'] === true ? ['logprobs'] : []),
    ...(Array.isArray(fields['modalities']) && fields['modalities'].some(each => each !== 'text')
      ? ['modalities']
      : []),
  ]
  return { dialect: 'openai-chat', fields, ...(essential.length > 0 && { essential }) }
}

function readTools({ tools, functions }: ChatRequest): ModelTool[] {
  const all = [...(tools ?? []).flatMap(tool => tool.function ?? []), ...(functions ?? [])]
  return all.map(({ name, description, parameters, strict }) => ({
    name,
    description: description ?? '',
    input: parameters ?? { type: 'object', properties: {} },
    ...(typeof strict === 'boolean' && { strict }),
  }))
}

function readFormat({ response_format: format }: ChatRequest): OutputFormat | undefined {
  if (format?.type === 'json_object') return { type: 'json' }
  const wanted = format?.json_schema
  if (format?.type !== 'json_schema' || !wanted?.schema) return undefined
  const { name, schema, description, strict } = wanted
  return { type: 'json-schema', name, schema, ...given({ description, strict }) }
}

/** Results name only the call that they answer; the name of the tool stands in an earlier message. */
function readMessages(messages: readonly Message[]): ModelMessage[] {
  const tools = new Map<string, string>()
  return messages.map((message): ModelMessage => {
    switch (message.role) {
      case 'system':
      case 'developer':
        return { role: 'system', content: readContent(message.content).filter(part => part.type === 'text') }
      case 'user':
        return { role: 'user', content: readContent(message.content) }
      case 'assistant': {
        const content = readAssistant(message)
        for (const part of content) if (part.type === 'tool-call') tools.set(part.callId, part.tool)
        return { role: 'assistant', content }
      }
      case 'tool': {
        const callId = message.tool_call_id
        const content = readContent(message.content)
        return { role: 'tool', callId, tool: tools.get(callId) ?? '', content, failed: false }
      }
      case 'function': {
        const content: TextPart[] = [{ type: 'text', text: message.content ?? '' }]
        return { role: 'tool', callId: legacyCallId(message.name), tool: message.name, content, failed: false }
      }
    }
  })
}

/** The form before tools had no ids; a function was called once at a time. */
const legacyCallId = (name: string): string => `call_${name}`

function readAssistant(message: Extract<Message, { role: 'assistant' }>): OutputPart[] {
  const { content, refusal, tool_calls: calls, function_call: legacy } = message
  const thoughts = WireMessage.safeParse(message)
  const parts = Array.isArray(content)
    ? content.filter(({ type }) => type !== 'thinking' && type !== 'refusal')
    : content
  const refusals = Array.isArray(content) ? content.filter(({ type }) => type === 'refusal') : []
  return [
    ...(thoughts.success ? readReasoning(thoughts.data) : []),
    ...withSignature(readContent(parts), signatureOf(message['extra_content'])),
    ...refusals.map(part => ({ type: 'refusal', text: part.refusal ?? '' }) as const),
    ...(refusal ? [{ type: 'refusal', text: refusal } as const] : []),
    ...(calls ?? []).map(readToolCall),
    ...(legacy ? [toolCall(legacyCallId(legacy.name), legacy.name, legacy.arguments)] : []),
  ]
}

/** The signature of a message is that of its last text. */
function withSignature(parts: OutputPart[], signature: string | undefined): OutputPart[] {
  const index = parts.findLastIndex(({ type }) => type === 'text')
  if (signature === undefined || index === -1) return parts
  const state = { dialect: 'gemini', value: signature } as const
  return parts.map((part, at) => (at === index && part.type === 'text' ? { ...part, state } : part))
}

function readToolCall(call: z.infer<typeof ToolCall>): OutputPart {
  if (call.custom) return { ...toolCall(call.id, call.custom.name, ''), arguments: call.custom.input }
  const part = toolCall(call.id, call.function?.name ?? '', call.function?.arguments ?? '')
  const signature = signatureOf(call['extra_content'])
  return signature ? { ...part, state: { dialect: 'gemini', value: signature } } : part
}

const toolCall = (callId: string, tool: string, text: string): OutputPart & { type: 'tool-call' } => ({
  type: 'tool-call',
  callId,
  tool,
  arguments: readToolArguments(text),
})

const Signature = z.object({ google: z.object({ thought_signature: z.string() }) })
const signatureOf = (extra: unknown): string | undefined => Signature.safeParse(extra).data?.google.thought_signature
