import type { FailureClass } from '../failure-class.ts'

/** Which keys of a provider are left out for now. */
export interface KeyHealth {
  /** The keys in the order in which they are tried: those in use first, each call beginning with another one. */
  order(provider: string, count: number): number[]
  failed(provider: string, key: number, failureClass: FailureClass, retryAfterMs: number | undefined): void
}

const deadMs = 60_000
const limitedMs = 5000
const rememberedKeys = 10_000

/** A key that is refused or used up is tried again after a minute, one that asked too often when its provider says. */
export function createKeyHealth(now: () => number): KeyHealth {
  const restingUntil = new Map<string, number>()
  let turn = 0
  const rests = (provider: string, key: number): boolean => (restingUntil.get(`${provider} ${key}`) ?? 0) > now()
  return {
    order(provider, count) {
      if (count <= 1) return [0]
      turn++
      const keys = Array.from({ length: count }, (_, index) => (turn + index) % count)
      const fit = keys.filter(key => !rests(provider, key))
      // When all rest, the call is made all the same: the provider knows best.
      return fit.length > 0 ? fit : keys
    },
    failed(provider, key, failureClass, retryAfterMs) {
      if (restingUntil.size >= rememberedKeys) restingUntil.clear()
      const rest = failureClass === 'rate' ? (retryAfterMs ?? limitedMs) : deadMs
      restingUntil.set(`${provider} ${key}`, now() + Math.min(rest, deadMs))
    },
  }
}
