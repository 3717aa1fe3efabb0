import type { TokenUsage } from '@causeway/contracts'
import type { FinishReason } from './model-response.ts'

/**
 * One step of a model's answer. Every provider's stream is translated to this and every client's dialect from it.
 * `index` numbers the tool calls of one answer from 0. `usage` is cumulative: a later one replaces an earlier one.
 * A stream that ends without `finished` was cut off.
 */
export type ModelEvent =
  | { type: 'text'; text: string }
  | { type: 'tool-call'; index: number; callId: string; tool: string }
  | { type: 'tool-arguments'; index: number; text: string }
  | { type: 'usage'; usage: TokenUsage }
  | { type: 'finished'; reason: FinishReason }
