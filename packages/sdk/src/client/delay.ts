/** Waits; ends early, with the reason, when the signal aborts. */
export function delay(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const onAbort = (): void => {
      clearTimeout(timer)
      reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, milliseconds)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/** Doubling waits with jitter, so that many clients of a platform that comes back do not arrive at once. */
export const backoffMs = (attempt: number, firstMs: number, atMostMs: number): number =>
  Math.min(atMostMs, firstMs * 2 ** Math.min(attempt, 20)) * (0.5 + Math.random() / 2)
