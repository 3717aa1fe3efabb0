import { CausewayError } from '@causeway/contracts'
import type { ApplyingBudget } from './applying-budgets.ts'
import type { RateLimit } from './rate-limit.ts'

/** A budget has no room for a call. */
export class BudgetExceeded extends CausewayError {
  /** The route that takes the call instead, where the budget names one. */
  readonly downgradeTo: string | undefined
  readonly rateLimits: readonly RateLimit[]

  constructor(
    { name, spec, window, concurrent }: Pick<ApplyingBudget, 'name' | 'spec' | 'window' | 'concurrent'>,
    { now, rateLimits, tooManyAtOnce }: { now: number; rateLimits: readonly RateLimit[]; tooManyAtOnce: boolean },
  ) {
    // Who asks too often for a minute may come back; who has spent a day's money should not try again.
    const code = tooManyAtOnce || spec.window === 'minute' ? 'rate-limited' : 'budget-exceeded'
    const why = tooManyAtOnce
      ? `allows ${concurrent} calls at once, and as many are under way`
      : `has no room for this call until ${window.end.toISOString()}`
    super(code, `The budget "${name}" ${why}.`, {
      retryAfterSeconds: tooManyAtOnce ? 1 : Math.max(1, Math.ceil((window.end.getTime() - now) / 1000)),
    })
    this.rateLimits = rateLimits
    this.downgradeTo = typeof spec.onLimit === 'object' ? spec.onLimit.downgradeTo : undefined
  }
}
