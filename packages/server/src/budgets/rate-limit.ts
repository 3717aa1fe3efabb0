import type { Allowance } from './allowance.ts'
import type { ApplyingBudget } from './applying-budgets.ts'

/** What is left of one limit of a budget for those who share it with a caller, as far as this replica knows. */
export interface RateLimit {
  budget: string
  unit: 'requests' | 'tokens'
  quota: number
  windowSeconds: number
  remaining: number
  resetSeconds: number
}

/** The limits of a budget that are told to callers. What money is left is for those who may read the usage. */
export function rateLimitsOf(
  { name, limits, window }: ApplyingBudget,
  { remaining }: Pick<Allowance, 'remaining'>,
  now: number,
): RateLimit[] {
  const left = remaining()
  const span = {
    windowSeconds: (window.end.getTime() - window.start.getTime()) / 1000,
    resetSeconds: Math.max(0, Math.ceil((window.end.getTime() - now) / 1000)),
  }
  return (['requests', 'tokens'] as const)
    .filter(unit => Number.isFinite(limits[unit]))
    .map(unit => ({ budget: name, unit, quota: limits[unit], remaining: left[unit], ...span }))
}
