/** Lets one in at a time, in the order of arrival. */
export interface Turnstile {
  /** Waits for a turn. @returns how to leave @throws the reason of `signal` when that aborts first */
  enter(signal: AbortSignal): Promise<() => void>
}

export function createTurnstile(): Turnstile {
  let last: Promise<void> = Promise.resolve()
  return {
    async enter(signal) {
      const before = last
      const turn = Promise.withResolvers<void>()
      last = turn.promise
      try {
        await orAborted(before, signal)
      } catch (error) {
        // Whoever came later still waits for those before.
        void before.then(turn.resolve)
        throw error
      }
      return turn.resolve
    },
  }
}

async function orAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
