import type { FailureClass } from './failure-class.ts'

/** What became of one attempt, for the record of its call. It carries no content. */
export interface AttemptRecord {
  provider: string
  model: string
  /** Which of the provider's keys was used, from 0. */
  key: number
  /** Null when the answer began; `superseded` when another target was quicker. */
  failureClass: FailureClass | 'superseded' | null
  /** HTTP status of the provider's answer, where it failed with one. */
  status: number | null
  /** Milliseconds until the answer began or the attempt failed. */
  durationMs: number
  /** Milliseconds that were waited after it. */
  waitedMs: number
}
