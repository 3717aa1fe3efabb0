import type { ForeignPart } from '../../content.ts'
import { isRecord } from '../head-members.ts'

// What only this dialect has stands in three places: among the parts, beside them in the candidate, and around it.

/** The value of a foreign part of this dialect. */
export interface ForeignValue {
  /** One part of the content. */
  part?: Record<string, unknown>
  /** Fields of the candidate: groundingMetadata, logprobsResult … */
  candidate?: Record<string, unknown>
  /** Fields of the whole answer: promptFeedback … */
  answer?: Record<string, unknown>
}

export const foreignPart = (value: ForeignValue): ForeignPart => ({ type: 'foreign', dialect: 'gemini', value })

/** What a foreign part says in this dialect; nothing when it is of another. */
export function readForeign({ dialect, value }: ForeignPart): ForeignValue {
  return dialect === 'gemini' && isRecord(value) ? value : {}
}
