/** How long a model call may take, in milliseconds. */
export interface Deadlines {
  connectMs: number
  /** From sending the request to the first byte of the answer. */
  firstByteMs: number
  /** Between two bytes of the answer. */
  idleMs: number
  /** All attempts of one call together. */
  totalMs: number
}

// A reasoning model can think for a minute or more before its first byte, so the first byte may take longer than a pause later.
export const defaultDeadlines: Deadlines = {
  connectMs: 10_000,
  firstByteMs: 120_000,
  idleMs: 60_000,
  totalMs: 600_000,
}
