import type { Cost, RequestedToolCall, TokenUsage } from '@causeway/contracts'

/** Why a model stopped. */
export type FinishReason = 'stop' | 'tool-calls' | 'length' | 'content-filter'

/** The whole answer of a model. `durationMs` counts from the call to the last event, retries included. */
export interface ModelResponse {
  provider: string
  model: string
  /** Whether a script answered and no model. */
  rehearsal: boolean
  text: string
  toolCalls: RequestedToolCall[]
  finishReason: FinishReason
  usage: TokenUsage
  cost: Cost
  /** Version of the price list behind `cost`. */
  priceVersion: string
  attempts: number
  durationMs: number
}
