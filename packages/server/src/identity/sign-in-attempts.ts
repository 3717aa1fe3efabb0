import { CausewayError } from '@causeway/contracts'
import { createBoundedMap } from './bounded-map.ts'

const attemptsAtMost = 10
const windowMs = 60_000
const addressesAtMost = 10_000

/** Counts wrong keys by address. Keys cannot be guessed, but a flood of guesses would keep the database busy. */
export function createSignInAttempts({ clock }: { clock: () => number }) {
  const failures = createBoundedMap<{ count: number; since: number }>({ limit: addressesAtMost })
  const recent = (address: string) => {
    const failed = failures.get(address)
    return failed && clock() - failed.since < windowMs ? failed : { count: 0, since: clock() }
  }
  return {
    /** @throws CausewayError rate-limited */
    refuseTooMany(address: string): void {
      const { count, since } = recent(address)
      if (count < attemptsAtMost) return
      const retryAfterSeconds = Math.ceil((since + windowMs - clock()) / 1000)
      throw new CausewayError('rate-limited', `Too many wrong keys from ${address}.`, { retryAfterSeconds })
    },
    noteFailure(address: string): void {
      const { count, since } = recent(address)
      failures.set(address, { count: count + 1, since })
    },
  }
}
