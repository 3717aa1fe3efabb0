import type { Cost, GuardrailFinding, RequestedToolCall, TokenUsage } from '@causeway/contracts'
import type { OutputPart } from './content.ts'

/**
 * Why a model stopped. `refusal`: the model itself declined; `content-filter`: the provider cut it off; `pause`: the
 * provider wants to be called again to go on.
 */
export type FinishReason = 'stop' | 'stop-sequence' | 'tool-calls' | 'length' | 'content-filter' | 'refusal' | 'pause'

/** The whole answer of a model. `durationMs` counts from the call to the last event, retries included. */
export interface ModelResponse {
  provider: string
  model: string
  /** Whether a script answered and no model. */
  rehearsal: boolean
  /** Everything that the model said, in its order; `text` and `toolCalls` are taken from it. */
  content: OutputPart[]
  text: string
  toolCalls: RequestedToolCall[]
  finishReason: FinishReason
  usage: TokenUsage
  cost: Cost
  /** Version of the price list behind `cost`. */
  priceVersion: string
  attempts: number
  guardrails: GuardrailFinding[]
  durationMs: number
}
