interface Repetition {
  everyMs: number
  /** Whether it is also done at once. */
  atOnce?: boolean
  onError: (error: unknown) => void
}

/**
 * Does something now and then, on this replica and never twice at the same time; what fails is tried again the next time.
 * @param work gets a signal that aborts when it shall end
 * @returns the end of it, which waits for what is under way
 */
export function repeatedly(
  work: (stopping: AbortSignal) => Promise<void>,
  { everyMs, atOnce = false, onError }: Repetition,
): () => Promise<void> {
  const stop = new AbortController()
  let working: Promise<void> | undefined
  const begin = (): void => {
    working ??= work(stop.signal)
      .catch(onError)
      .finally(() => (working = undefined))
  }
  if (atOnce) begin()
  const timer = setInterval(begin, everyMs)
  timer.unref()
  return async () => {
    stop.abort()
    clearInterval(timer)
    await working
  }
}
