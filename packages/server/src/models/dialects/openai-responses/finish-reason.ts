import type { FinishReason } from '../../model-response.ts'
import type { WireResponse } from './wire.ts'

/** What was seen in an answer that its end does not tell. */
export interface SeenInAnswer {
  toolCalls: boolean
  refusal: boolean
}

/** Why a response ended; a reason that is not known counts as an ordinary end, so that a new word breaks no run. */
export function readFinishReason(response: WireResponse, seen: SeenInAnswer): FinishReason {
  const reason = response.incomplete_details?.reason
  if (reason === 'max_output_tokens' || reason === 'max_tokens' || reason === 'length') return 'length'
  if (reason === 'content_filter') return 'content-filter'
  if (response.status === 'incomplete') return 'length'
  if (seen.toolCalls) return 'tool-calls'
  return seen.refusal ? 'refusal' : 'stop'
}

/** The status of a response, and of the last of its items. */
export interface WrittenStatus {
  status: 'completed' | 'incomplete'
  incomplete_details: { reason: 'max_output_tokens' | 'content_filter' } | null
}

export function writeStatus(reason: FinishReason): WrittenStatus {
  if (reason === 'length') return { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }
  if (reason === 'content-filter') return { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }
  return { status: 'completed', incomplete_details: null }
}
