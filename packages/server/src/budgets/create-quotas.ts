import { CausewayError } from '@causeway/contracts'
import { keptFresh, type Database } from '../database/index.ts'
import type { Manifests } from '../manifests/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { createAllowance, type Allowance } from './allowance.ts'
import { covers, measures, nothing, type Amounts } from './amounts.ts'
import { applyingBudgets, type ApplyingBudget, type Spender } from './applying-budgets.ts'
import { counted } from './counter-store.ts'
import { rateLimitsOf, type RateLimit } from './rate-limit.ts'

/** A budget has no room for a call. */
export class BudgetExceeded extends CausewayError {
  /** The route that takes the call instead, where the budget names one. */
  readonly downgradeTo: string | undefined
  readonly rateLimits: readonly RateLimit[]

  constructor({ name, spec, window }: ApplyingBudget, now: number, rateLimits: readonly RateLimit[]) {
    // Who asks too often for a minute may come back; who has spent a day's money should not try again.
    const code = spec.window === 'minute' ? 'rate-limited' : 'budget-exceeded'
    super(code, `The budget "${name}" has no room for this call until ${window.end.toISOString()}.`, {
      retryAfterSeconds: Math.max(1, Math.ceil((window.end.getTime() - now) / 1000)),
    })
    this.rateLimits = rateLimits
    this.downgradeTo = typeof spec.onLimit === 'object' ? spec.onLimit.downgradeTo : undefined
  }
}

/** Room that was taken in all budgets that apply to a call. */
export interface TakenRoom {
  /** Replaces what was taken by what was used, once. */
  settle(used: Amounts): void
  /** The names of budgets that are nearly used up, or used up where that only warns. */
  readonly warnings: readonly string[]
  /** What is left of the budgets. */
  rateLimits(): RateLimit[]
}

/** Limits on what may be used, that hold over all replicas. */
export interface Quotas {
  /**
   * Takes room for the most that a call may use, in all budgets that apply to it or in none.
   * @throws BudgetExceeded
   */
  take(spender: Spender, wanted: Amounts): TakenRoom | Promise<TakenRoom>
  /** Gives back all that is not in use and stops. */
  close(): Promise<void>
}

interface CreateQuotasOptions {
  database: Database
  manifests: Manifests
  logger: Logger
  now?: () => number
}

const syncMs = 200
/** Counters in memory; each is of one budget, subject and window. */
const allowancesKept = 20_000

const noRoomTaken: TakenRoom = { settle: () => {}, warnings: [], rateLimits: () => [] }

export function createQuotas({ database, manifests, logger, now = Date.now }: CreateQuotasOptions): Quotas {
  const allowances = new Map<string, Allowance>()

  const allowanceOf = (budget: ApplyingBudget): Allowance => {
    const { organisationId, environmentId, budget: name, subject, windowStart } = budget.counter
    // Limits are part of the key: a budget that was changed is counted on, by its new limits.
    const limits = measures.map(measure => budget.limits[measure]).join(' ')
    const key = [organisationId, environmentId, name, subject, windowStart.getTime(), limits].join('\n')
    const known = allowances.get(key)
    if (known) return known
    if (allowances.size >= allowancesKept)
      throw new CausewayError('rate-limited', 'Too many budgets are in use at once.', { retryAfterSeconds: 1 })
    const allowance = createAllowance({ connection: database.kysely, budget, now })
    allowances.set(key, allowance)
    return allowance
  }

  const syncAll = async (giveBack: boolean): Promise<void> => {
    for (const [key, allowance] of allowances) {
      const over = allowance.windowEnd.getTime() <= now()
      try {
        await allowance.sync(database.kysely, { giveBack: giveBack || over })
        if (over && allowance.idle) allowances.delete(key)
      } catch (error) {
        logger.error({ err: error }, 'what was used of a budget could not be booked; it is tried again')
      }
    }
  }
  let syncing: Promise<void> | undefined
  const timer = setInterval(() => {
    syncing ??= syncAll(false).finally(() => {
      syncing = undefined
    })
  }, syncMs)
  timer.unref()

  const takeAll = async (budgets: readonly ApplyingBudget[], wanted: Amounts): Promise<TakenRoom> => {
    const taken: Allowance[] = []
    const warnings: string[] = []
    for (const budget of budgets) {
      const allowance = allowanceOf(budget)
      if (await allowance.take(wanted)) taken.push(allowance)
      else if (budget.spec.onLimit === 'warn') warnings.push(budget.name)
      else {
        for (const other of taken) other.settle(wanted, nothing)
        throw new BudgetExceeded(budget, now(), rateLimitsOf(budget, allowance, now()))
      }
    }
    for (const budget of budgets) if (await isNearlyUsedUp(budget)) warnings.push(budget.name)
    let settled = false
    return {
      warnings,
      rateLimits: () => budgets.flatMap(budget => rateLimitsOf(budget, allowanceOf(budget), now())),
      settle(used) {
        if (settled) return
        settled = true
        for (const allowance of taken) allowance.settle(wanted, used)
      },
    }
  }

  const nearlyUsedUp = keptFresh<boolean>({ freshMs: 1000, usableMs: 60_000, limit: allowancesKept, clock: now })

  /** Looked up only for budgets that want to warn, and not for every call. */
  function isNearlyUsedUp(budget: ApplyingBudget): boolean | Promise<boolean> {
    const { warnAt } = budget.spec
    if (warnAt === undefined) return false
    return nearlyUsedUp.get(JSON.stringify([budget.counter, warnAt]), () => lookUpUse(budget, warnAt))
  }

  async function lookUpUse({ counter, limits }: ApplyingBudget, warnAt: number): Promise<boolean> {
    const row = await counted(database.kysely, counter)
    if (!row) return false
    const used = { ...nothing }
    for (const measure of measures) used[measure] = row.spent[measure] + row.leased[measure]
    const warning = {
      requests: limits.requests * warnAt,
      tokens: limits.tokens * warnAt,
      nanoUsd: limits.nanoUsd * warnAt,
    }
    return !covers(warning, used)
  }

  return {
    async take(spender, wanted) {
      const budgets = await manifests.allActive(spender.scope, 'Budget')
      if (budgets.length === 0) return noRoomTaken
      const applying = applyingBudgets(
        budgets.map(({ manifest }) => manifest),
        spender,
        new Date(now()),
      )
      return applying.length === 0 ? noRoomTaken : takeAll(applying, wanted)
    },
    async close() {
      clearInterval(timer)
      await syncing
      await syncAll(true)
    },
  }
}
