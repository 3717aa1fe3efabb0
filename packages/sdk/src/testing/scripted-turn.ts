/** How an answer goes wrong. */
export type ModelFault =
  /** An error status in the provider's form, with Retry-After where told. */
  | { status: number; retryAfterSeconds?: number; message?: string }
  /** Nothing ever comes. */
  | 'hang'
  /** The answer begins, a stream with its text, and nothing more comes. */
  | 'hang-mid-stream'
  /** The answer begins, a stream with its text, and the connection is cut. */
  | 'cut-mid-stream'
  /** The answer is not JSON. */
  | 'malformed'

/** One answer of the scripted model: text, tool calls, or a fault. */
export interface ScriptedTurn {
  text?: string
  /** Arguments that are a text are sent as they are, so that they need not be JSON. */
  toolCalls?: readonly { name: string; arguments: Record<string, unknown> | string }[]
  /** Default: `tool_calls` when there are tool calls, else `stop`. */
  finishReason?: 'stop' | 'length' | 'tool_calls' | 'content_filter'
  /** Default: 10 input and 5 output tokens. */
  usage?: { inputTokens: number; outputTokens: number }
  /** Milliseconds before the answer. */
  delayMs?: number
  fault?: ModelFault
}
