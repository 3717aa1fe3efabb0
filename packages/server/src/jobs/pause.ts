/** A pause that can be ended early, also before it has begun. */
export interface Pause {
  /** Waits for `wake`, at most for `limitMs`. Returns at once when `wake` was called since the last pause. */
  wait(limitMs: number): Promise<void>
  wake(): void
}

export function createPause(): Pause {
  let woken = Promise.withResolvers<void>()
  return {
    async wait(limitMs) {
      const timer = setTimeout(() => woken.resolve(), limitMs)
      await woken.promise
      clearTimeout(timer)
      woken = Promise.withResolvers()
    },
    wake: () => woken.resolve(),
  }
}
