import type { JsonSchema, RequestedToolCall } from '@causeway/contracts'

/** One message of a conversation, in the form that every provider is translated to and from. */
export type ModelMessage =
  | { role: 'system'; text: string }
  | { role: 'user'; text: string }
  | { role: 'assistant'; text: string; toolCalls: RequestedToolCall[] }
  | { role: 'tool'; callId: string; tool: string; text: string; failed: boolean }

/** A tool that the model may ask for. */
export interface ModelTool {
  name: string
  description: string
  input: JsonSchema
}

/** Whether the model may, must, or must not ask for tools, or which one it must ask for. */
export type ToolChoice = 'auto' | 'none' | 'required' | { tool: string }

/** A request to a model. `route` is the name of a Route, or `provider/model`. */
export interface ModelRequest {
  route: string
  messages: ModelMessage[]
  tools: ModelTool[]
  toolChoice?: ToolChoice
  temperature?: number
  topP?: number
  stop?: string[]
  maxOutputTokens?: number
}
