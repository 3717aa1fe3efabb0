import type { Allowance } from './allowance.ts'
import type { ApplyingBudget } from './applying-budgets.ts'
import type { Slots } from './slots.ts'

/** What is left of one limit of a budget for those who share it with a caller, as far as this replica knows. */
export interface RateLimit {
  budget: string
  unit: 'requests' | 'tokens' | 'concurrent-requests'
  quota: number
  remaining: number
  /** Absent for what is limited at each moment. */
  windowSeconds?: number
  resetSeconds?: number
}

/** The limits of a budget that are told to callers. What money is left is for those who may read the usage. */
export function rateLimitsOf(
  { name, limits, window, concurrent }: ApplyingBudget,
  { allowance, slots, now }: { allowance: Allowance; slots: Slots | undefined; now: number },
): RateLimit[] {
  const left = allowance.remaining()
  const span = {
    windowSeconds: (window.end.getTime() - window.start.getTime()) / 1000,
    resetSeconds: Math.max(0, Math.ceil((window.end.getTime() - now) / 1000)),
  }
  const windowed = (['requests', 'tokens'] as const)
    .filter(unit => Number.isFinite(limits[unit]))
    .map(unit => ({ budget: name, unit, quota: limits[unit], remaining: left[unit], ...span }))
  if (!slots || concurrent === undefined) return windowed
  const remaining = slots.remaining(concurrent)
  return [...windowed, { budget: name, unit: 'concurrent-requests', quota: concurrent, remaining }]
}
