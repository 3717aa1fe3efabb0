const baseMs = 250
/** A provider that wants a longer pause than this is not waited for. */
const longestMs = 5000

/**
 * Milliseconds to wait before the next attempt at the same target, or undefined when it is not worth waiting.
 * Without word from the provider the wait is drawn from the upper half of a doubling span, so that clients do not return in step.
 */
export function retryDelay(
  attempt: number,
  retryAfterMs: number | undefined,
  random: () => number,
): number | undefined {
  if (retryAfterMs === undefined) return baseMs * 2 ** (attempt - 1) * (0.5 + random() / 2)
  // Jitter only ever adds to a wait that was asked for.
  return retryAfterMs > longestMs ? undefined : retryAfterMs + random() * Math.min(250, retryAfterMs / 10)
}
