/**
 * Seconds after each attempt that failed until the next one; a message that fails after the last of them is given up.
 * Source: Standard Webhooks specification, "Deliverability and reliability".
 */
const pauses = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]

/** When a message is sent again after so many attempts, up to a tenth later so that not all come at once; undefined when it is given up. */
export function retryAt(attempts: number, now: Date, chance: number): Date | undefined {
  const seconds = pauses[attempts - 1]
  return seconds === undefined ? undefined : new Date(now.getTime() + seconds * 1000 * (1 + chance / 10))
}
