import type { JsonSchema, RequestedToolCall } from '@causeway/contracts'
import type { CacheMarker, InputPart, OutputPart, TextPart } from './content.ts'
import type { DialectName } from './dialects/dialect-name.ts'

/** One message of a conversation. The result of a tool call stands in a message of its own. */
export type ModelMessage =
  | { role: 'system'; content: TextPart[] }
  | { role: 'user'; content: InputPart[] }
  | { role: 'assistant'; content: OutputPart[] }
  | { role: 'tool'; callId: string; tool: string; content: InputPart[]; failed: boolean }

export const systemMessage = (text: string): ModelMessage => ({ role: 'system', content: [{ type: 'text', text }] })
export const userMessage = (text: string): ModelMessage => ({ role: 'user', content: [{ type: 'text', text }] })
export const assistantMessage = (text: string, toolCalls: readonly RequestedToolCall[]): ModelMessage => ({
  role: 'assistant',
  content: [
    ...(text ? [{ type: 'text', text } as const] : []),
    ...toolCalls.map(call => ({ type: 'tool-call', ...call }) as const),
  ],
})
export const toolMessage = (result: { callId: string; tool: string; text: string; failed: boolean }): ModelMessage => {
  const { callId, tool, text, failed } = result
  return { role: 'tool', callId, tool, content: [{ type: 'text', text }], failed }
}

/** A tool that the model may ask for. */
export interface ModelTool {
  name: string
  description: string
  input: JsonSchema
  /** Whether the provider is to hold the model to the schema. */
  strict?: boolean
  /** The tool takes a text, in this format; `input` says how that looks as an object where tools take nothing else. */
  freeText?: { format?: unknown }
  cache?: CacheMarker
}

/** Whether the model may, must, or must not ask for tools, or which one it must ask for. */
export type ToolChoice = 'auto' | 'none' | 'required' | { tool: string }

/** What the answer has to be, where it is not free text. */
export type OutputFormat =
  | { type: 'json' }
  | { type: 'json-schema'; name: string; schema: JsonSchema; description?: string; strict?: boolean }

/** How much the model is to think. A dialect that has only one of the two derives it from the other. */
export interface ReasoningWish {
  /** `none`, `minimal`, `low`, `medium`, `high` … as the dialects name it. */
  effort?: string
  budgetTokens?: number
  /** Whether the client wants to see (a summary of) the thoughts. */
  show?: boolean
}

export interface ExtraFields {
  dialect: DialectName
  fields: Record<string, unknown>
  /** Those without which the answer would be another. A dialect that cannot take them refuses the request; the rest is left out and reported. */
  essential?: string[]
}

/** A request to a model. `route` is the name of a Route, or `provider/model`. */
export interface ModelRequest {
  route: string
  messages: ModelMessage[]
  tools: ModelTool[]
  toolChoice?: ToolChoice
  parallelToolCalls?: boolean
  temperature?: number
  topP?: number
  topK?: number
  stop?: string[]
  maxOutputTokens?: number
  seed?: number
  presencePenalty?: number
  frequencyPenalty?: number
  output?: OutputFormat
  reasoning?: ReasoningWish
  serviceTier?: string
  /** Whom the client answers, as it names the person to the provider. */
  user?: string
  /** Requests with the same key share a prompt cache. */
  cacheKey?: string
  /** Tools that the provider itself runs, as the client's dialect writes them. */
  foreignTools?: { dialect: DialectName; value: unknown }[]
  /** Fields of the client's dialect that have no place above. Only the same dialect takes them. */
  extra?: ExtraFields
}
