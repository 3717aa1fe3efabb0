import type { TokenUsage } from '@causeway/contracts'
import type { Citation, ForeignPart, MediaPart, OpaqueState } from './content.ts'
import type { FinishReason } from './model-response.ts'

/**
 * One step of a model's answer. Every provider's stream is translated to this and every client's dialect from it.
 *
 * Events that follow each other and are of one kind belong to one part: `text` to the text before it, `reasoning` to the
 * reasoning before it. `break` ends a part, so that the next one of the same kind is another. `citations` and
 * `reasoning-state` belong to the part that is open; a `reasoning-state` without one is a part whose text is hidden.
 * `index` numbers the tool calls of one answer from 0. `usage` is cumulative: a later one replaces an earlier one.
 * A stream that ends without `finished` was cut off; nothing follows `finished`.
 */
export type ModelEvent =
  | { type: 'started'; id?: string; model?: string }
  | { type: 'text'; text: string; state?: OpaqueState }
  | { type: 'reasoning'; text: string }
  | { type: 'reasoning-state'; id?: string; state?: OpaqueState }
  | { type: 'refusal'; text: string }
  | { type: 'tool-call'; index: number; callId: string; tool: string; state?: OpaqueState }
  | { type: 'tool-arguments'; index: number; text: string }
  | { type: 'citations'; citations: Citation[] }
  | { type: 'media'; part: MediaPart }
  | { type: 'foreign'; part: ForeignPart }
  | { type: 'break' }
  | { type: 'usage'; usage: TokenUsage; billing?: ReportedBilling }
  | { type: 'finished'; reason: FinishReason; stopSequence?: string }

/** What a provider says about the price of a call beside its tokens. */
export interface ReportedBilling {
  /** The tier that the call was served in, where prices differ by it. */
  serviceTier?: string
  /** The price as the provider reckons it. */
  nanoUsd?: number
}
