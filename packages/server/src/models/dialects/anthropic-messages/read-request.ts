import { CausewayError, JsonSchema } from '@causeway/contracts'
import * as z from 'zod'
import type { InputPart, OpaqueState, OutputPart } from '../../content.ts'
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
import { Block, cacheOf, Content, readInputBlock, readOutputBlock } from './blocks.ts'

const Message = z.looseObject({ role: z.enum(['user', 'assistant', 'system']), content: Content })

const Tool = z.looseObject({
  type: z.string().nullish(),
  name: z.string(),
  description: z.string().nullish(),
  input_schema: JsonSchema.nullish(),
  strict: z.boolean().nullish(),
  cache_control: Block.shape.cache_control,
})
type Tool = z.infer<typeof Tool>

const Format = z.looseObject({ type: z.string(), schema: JsonSchema.nullish() })
const number = z.number().nullish()

const known = {
  model: z.string().default(''),
  messages: z.array(Message).min(1),
  system: Content.nullish(),
  // Servers of the provider itself, such as `mcp_toolset`, have no name.
  tools: z.array(z.union([Tool, z.looseObject({ type: z.string() })])).nullish(),
  tool_choice: z
    .looseObject({ type: z.string(), name: z.string().nullish(), disable_parallel_tool_use: z.boolean().nullish() })
    .nullish(),
  max_tokens: z.number().int().min(0).nullish(),
  temperature: number,
  top_p: number,
  top_k: number,
  stop_sequences: z.array(z.string()).nullish(),
  metadata: z.looseObject({ user_id: z.string().nullish() }).nullish(),
  service_tier: z.string().nullish(),
  thinking: z.looseObject({ type: z.string(), budget_tokens: number, display: z.string().nullish() }).nullish(),
  output_config: z.looseObject({ effort: z.string().nullish(), format: Format.nullish() }).nullish(),
  output_format: Format.nullish(),
}
const MessagesRequest = z.looseObject(known)
type MessagesRequest = z.infer<typeof MessagesRequest>

/** @throws CausewayError invalid-json, invalid-request */
export function readMessagesRequest(body: Buffer): ModelRequest {
  const parsed = MessagesRequest.safeParse(parseBody(body))
  if (!parsed.success)
    throw new CausewayError('invalid-request', 'The request is no Messages request.', {
      problems: parsed.error.issues.map(({ path, message }) => ({ pointer: `/${path.join('/')}`, message })),
    })
  const request = parsed.data
  const { tool_choice: choice, stop_sequences: stop } = request
  const { tools, foreignTools } = readTools(request)
  const output = readFormat(request)
  const reasoning = readReasoning(request)
  const extra = extraOf(request)
  return {
    route: request.model,
    messages: [...systemMessages(request.system), ...request.messages.flatMap(readMessage)],
    tools,
    ...(choice && { toolChoice: readToolChoice(choice.type, choice.name) }),
    ...(choice?.disable_parallel_tool_use && { parallelToolCalls: false }),
    ...(typeof request.temperature === 'number' && { temperature: request.temperature }),
    ...(typeof request.top_p === 'number' && { topP: request.top_p }),
    ...(typeof request.top_k === 'number' && { topK: request.top_k }),
    ...(stop && stop.length > 0 && { stop }),
    ...(typeof request.max_tokens === 'number' && { maxOutputTokens: request.max_tokens }),
    ...(request.metadata?.user_id && { user: request.metadata.user_id }),
    ...(request.service_tier && { serviceTier: request.service_tier }),
    ...(output && { output }),
    ...(reasoning && { reasoning }),
    ...(foreignTools.length > 0 && { foreignTools }),
    ...(extra && { extra }),
  }
}

const systemMessages = (content: Block[] | null | undefined): ModelMessage[] =>
  content && content.length > 0 ? [systemMessage(content)] : []

const systemMessage = (content: readonly Block[]): ModelMessage => ({
  role: 'system',
  content: content.map(readInputBlock).filter(part => part.type === 'text'),
})

function readMessage({ role, content }: z.infer<typeof Message>): ModelMessage[] {
  switch (role) {
    case 'system':
      return [systemMessage(content)]
    case 'assistant':
      return [{ role, content: attachSignatures(content.map(readOutputBlock)) }]
    case 'user':
      return readUser(content)
  }
}

/** Results of tools stand among what the user says; each is a message of its own here, in its place. */
function readUser(content: readonly Block[]): ModelMessage[] {
  const messages: ModelMessage[] = []
  let parts: InputPart[] = []
  const flush = (): void => {
    if (parts.length > 0) messages.push({ role: 'user', content: parts })
    parts = []
  }
  for (const block of content) {
    if (block.type !== 'tool_result') {
      parts.push(readInputBlock(block))
      continue
    }
    flush()
    const result = Content.safeParse(block.content ?? [])
    messages.push({
      role: 'tool',
      callId: block.tool_use_id ?? '',
      tool: '',
      content: (result.data ?? []).map(readInputBlock),
      failed: block.is_error === true,
    })
  }
  flush()
  return messages
}

/** Another provider's signature came to the client as a thought without words: before a tool call, or after a text. */
function attachSignatures(parts: readonly OutputPart[]): OutputPart[] {
  const attached: OutputPart[] = []
  let carried: OpaqueState | undefined
  const ofText = (): void => {
    const last = attached.at(-1)
    if (carried && last?.type === 'text') attached[attached.length - 1] = { ...last, state: carried }
    carried = undefined
  }
  for (const part of parts) {
    if (carried && part.type === 'tool-call') {
      attached.push({ ...part, state: carried })
      carried = undefined
      continue
    }
    ofText()
    if (part.type === 'reasoning' && part.text === '' && part.state && isOthers(part.state)) carried = part.state
    else attached.push(part)
  }
  ofText()
  return attached
}

const isOthers = (state: { dialect: string } | undefined): boolean =>
  state !== undefined && state.dialect !== 'anthropic-messages'

function readTools({ tools }: MessagesRequest): {
  tools: ModelTool[]
  foreignTools: NonNullable<ModelRequest['foreignTools']>
} {
  const all = tools ?? []
  const isFunction = (tool: (typeof all)[number]): tool is Tool =>
    'input_schema' in tool && (tool.type === undefined || tool.type === null || tool.type === 'custom')
  return {
    tools: all.filter(isFunction).map(tool => ({
      name: tool.name,
      description: tool.description ?? '',
      input: tool.input_schema ?? { type: 'object' },
      ...(typeof tool.strict === 'boolean' && { strict: tool.strict }),
      ...cacheOf(tool),
    })),
    foreignTools: all
      .filter(tool => !isFunction(tool))
      .map(value => ({ dialect: 'anthropic-messages' as const, value })),
  }
}

function readToolChoice(type: string, name: string | null | undefined): ToolChoice {
  if (type === 'tool' && name) return { tool: name }
  if (type === 'any') return 'required'
  return type === 'none' ? 'none' : 'auto'
}

function readFormat({ output_config: config, output_format: format }: MessagesRequest): OutputFormat | undefined {
  const wanted = config?.format ?? format
  if (wanted?.type !== 'json_schema' || !wanted.schema) return undefined
  return { type: 'json-schema', name: 'answer', schema: wanted.schema, strict: true }
}

function readReasoning({ thinking, output_config: config }: MessagesRequest): ReasoningWish | undefined {
  const effort = thinking?.type === 'disabled' ? 'none' : config?.effort
  const budgetTokens = thinking?.budget_tokens
  const thinks = thinking && thinking.type !== 'disabled'
  if (!effort && typeof budgetTokens !== 'number' && !thinks) return undefined
  return {
    ...(effort && { effort }),
    ...(typeof budgetTokens === 'number' && { budgetTokens }),
    ...(thinks && { show: thinking.display !== 'omitted' }),
  }
}

/** Fields that are about the transport, and are the gateway's own matter. */
const transport: ReadonlySet<string> = new Set(['stream'])

function extraOf(request: MessagesRequest): ExtraFields | undefined {
  const entries = Object.entries(request).filter(
    ([key, value]) => !(key in known) && !transport.has(key) && value !== null && value !== undefined,
  )
  return entries.length > 0 ? { dialect: 'anthropic-messages', fields: Object.fromEntries(entries) } : undefined
}
