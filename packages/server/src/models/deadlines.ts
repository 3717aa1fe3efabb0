/** How long a model call may take, in milliseconds. */
export interface Deadlines {
  connectMs: number
  /** From sending the request to the first content of a stream, where another target can be asked instead. */
  firstTokenMs: number
  /** From sending the request to the first byte of the answer, where no other can. */
  firstByteMs: number
  /** Between two bytes of the answer. */
  idleMs: number
  /** All attempts of one call together. */
  totalMs: number
}

// A reasoning model can think for longer than that before it says a word: its Provider manifest names its own time.
export const defaultDeadlines: Deadlines = {
  connectMs: 10_000,
  firstTokenMs: 15_000,
  firstByteMs: 90_000,
  idleMs: 25_000,
  totalMs: 600_000,
}
