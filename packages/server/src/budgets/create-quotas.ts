import { randomUUID } from 'node:crypto'
import { CausewayError } from '@causeway/contracts'
import { keptFresh, type Connection, type Database, type Scope } from '../database/index.ts'
import { repeatedly } from '../jobs/index.ts'
import type { Manifests } from '../manifests/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { createBudgetAlerts } from './alerts.ts'
import { createAllowance, type Allowance } from './allowance.ts'
import { covers, measures, nothing, type Amounts } from './amounts.ts'
import type { ApplyingBudget, Spender } from './applying-budgets.ts'
import { BudgetExceeded } from './budget-exceeded.ts'
import { book, counted } from './counter-store.ts'
import { rateLimitsOf, type RateLimit } from './rate-limit.ts'
import { rememberedBudgets } from './remembered-budgets.ts'
import { createSlots, type Slots } from './slots.ts'

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
  /** Finds the budgets that applied at a time. What is given back books a change to what was used of them, in a transaction. */
  correction(spender: Spender, at: Date): Promise<(connection: Connection, change: Amounts) => Promise<void>>
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

const tooMany = (): CausewayError =>
  new CausewayError('rate-limited', 'Too many budgets are in use at once.', { retryAfterSeconds: 1 })

const noRoomTaken: TakenRoom = { settle: () => {}, warnings: [], rateLimits: () => [] }

export function createQuotas({ database, manifests, logger, now = Date.now }: CreateQuotasOptions): Quotas {
  const allowances = new Map<string, Allowance>()
  const slotsInUse = new Map<string, Slots>()
  const replica = randomUUID()

  const allowanceOf = (budget: ApplyingBudget): Allowance => {
    const { allowanceKey: key } = budget
    const known = allowances.get(key)
    if (known) return known
    if (allowances.size >= allowancesKept) throw tooMany()
    const allowance = createAllowance({ connection: database.kysely, budget, now })
    allowances.set(key, allowance)
    return allowance
  }

  const slotsOf = ({ concurrent, counter, slotsKey: key }: ApplyingBudget): Slots | undefined => {
    if (concurrent === undefined) return undefined
    const known = slotsInUse.get(key)
    if (known) return known
    if (slotsInUse.size >= allowancesKept) throw tooMany()
    const slots = createSlots({ connection: database.kysely, key: counter, replica, now, onError: slotsNotBooked })
    slotsInUse.set(key, slots)
    return slots
  }

  const slotsNotBooked = (error: unknown): void =>
    logger.error({ err: error }, 'the calls under way in a budget could not be booked; it is tried again')

  const syncAll = async (giveBack: boolean): Promise<void> => {
    for (const [key, allowance] of allowances) {
      const over = allowance.windowEnd.getTime() <= now()
      try {
        await allowance.sync(database.kysely, { giveBack: giveBack || over })
        if (over && allowance.idle()) allowances.delete(key)
      } catch (error) {
        logger.error({ err: error }, 'what was used of a budget could not be booked; it is tried again')
      }
    }
    for (const [key, slots] of slotsInUse) {
      await (giveBack ? slots.giveBack().catch(slotsNotBooked) : slots.renew())
      if (slots.idle()) slotsInUse.delete(key)
    }
  }
  const stopSyncing = repeatedly(() => syncAll(false), {
    everyMs: syncMs,
    onError: error => logger.error({ err: error }, 'places of calls could not be renewed; it is tried again'),
  })

  const alerts = createBudgetAlerts({ database, logger })

  const takeAll = async (scope: Scope, budgets: readonly ApplyingBudget[], wanted: Amounts): Promise<TakenRoom> => {
    const taken: Allowance[] = []
    const slotsTaken: Slots[] = []
    const warnings: string[] = []
    const settle = (used: Amounts): void => {
      for (const allowance of taken) allowance.settle(wanted, used)
      for (const slots of slotsTaken) slots.give()
    }
    const noRoom = (budget: ApplyingBudget, tooManyAtOnce: boolean): void => {
      if (!tooManyAtOnce) alerts.tell(scope, budget, 'budget-reached')
      if (budget.spec.onLimit !== 'warn')
        throw new BudgetExceeded(budget, { now: now(), rateLimits: limitsOf(budget), tooManyAtOnce })
      if (!warnings.includes(budget.name)) warnings.push(budget.name)
    }
    try {
      for (const budget of budgets) {
        const slots = slotsOf(budget)
        if (slots && (await slots.take(budget.concurrent ?? 0))) slotsTaken.push(slots)
        else if (slots) noRoom(budget, true)
        const allowance = allowanceOf(budget)
        // The estimate of one call may be far too high; of many together it is near enough.
        const fits = wanted.requests <= 1 || covers(budget.limits, wanted)
        if (fits && (await allowance.take(wanted))) taken.push(allowance)
        else noRoom(budget, false)
      }
    } catch (error) {
      settle(nothing)
      throw error
    }
    for (const budget of budgets) {
      if (!(await isNearlyUsedUp(budget))) continue
      warnings.push(budget.name)
      alerts.tell(scope, budget, 'budget-warned')
    }
    let settled = false
    return {
      warnings,
      rateLimits: () => budgets.flatMap(limitsOf),
      settle(used) {
        if (!settled) settle(used)
        settled = true
      },
    }
  }

  const limitsOf = (budget: ApplyingBudget): RateLimit[] =>
    rateLimitsOf(budget, { allowance: allowanceOf(budget), slots: slotsOf(budget), now: now() })

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

  const applying = rememberedBudgets()
  const applyingTo = async (spender: Spender, at: number): Promise<readonly ApplyingBudget[]> =>
    applying(await manifests.allActive(spender.scope, 'Budget'), spender, at)

  return {
    async take(spender, wanted) {
      const budgets = await applyingTo(spender, now())
      return budgets.length === 0 ? noRoomTaken : takeAll(spender.scope, budgets, wanted)
    },
    async correction(spender, at) {
      const budgets = await applyingTo(spender, at.getTime())
      return async (connection, change) => {
        for (const { counter } of budgets) await book(connection, counter, { spent: change, leased: nothing })
      }
    },
    async close() {
      await stopSyncing()
      await syncAll(true)
    },
  }
}
