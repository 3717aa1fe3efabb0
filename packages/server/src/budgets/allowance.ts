import type { Connection } from '../database/index.ts'
import { covers, each, measures, minus, nothing, plus, type Amounts } from './amounts.ts'
import type { ApplyingBudget } from './applying-budgets.ts'
import { book, lease } from './counter-store.ts'

/**
 * What this replica may still use of one counter without asking: a slice of the budget that the database counts as used
 * already. Limits hold exactly over all replicas, because a slice is taken only where there is room; when a replica dies,
 * its slice stays counted until the window ends, so that the books never say too little.
 */
export interface Allowance {
  readonly windowEnd: Date
  /** Takes what a call may use. @returns whether there was room */
  take(wanted: Amounts): boolean | Promise<boolean>
  /** Replaces what was taken by what was used. */
  settle(taken: Amounts, used: Amounts): void
  /** Books what was used, and gives the slice back when it was not touched for a while or when all of it is to go. */
  sync(connection: Connection, options: { giveBack: boolean }): Promise<void>
  /** What is left for everybody, by the last look at the database and what this replica has set aside. */
  remaining(): Amounts
  /** Whether nothing is taken and nothing waits to be booked. */
  idle(): boolean
}

/** A slice is this part of the limit, and never less than what is asked for. */
const slices = 100
const untouchedMs = 2000

interface CreateAllowanceOptions {
  connection: Connection
  budget: ApplyingBudget
  now: () => number
}

export function createAllowance({ connection, budget, now }: CreateAllowanceOptions): Allowance {
  const { counter, limits, window } = budget
  let available: Amounts = nothing
  let taken: Amounts = nothing
  let used: Amounts = nothing
  /** What all replicas had used or set aside when the database was last looked at. */
  let counted: Amounts = nothing
  let touchedAt = now()
  /** Looks at the database follow each other, so that each sees what the one before has taken. */
  let asking: Promise<unknown> = Promise.resolve()

  const takeHere = (wanted: Amounts): boolean => {
    touchedAt = now()
    if (!covers(available, wanted)) return false
    available = minus(available, wanted)
    taken = plus(taken, wanted)
    return true
  }

  const missing = (wanted: Amounts): Amounts => each(minus(wanted, available), value => Math.max(0, value))

  const askForMore = async (wanted: Amounts): Promise<boolean> => {
    if (takeHere(wanted)) return true
    const least = missing(wanted)
    const slice = sliceOf(limits)
    const more = { ...least }
    for (const measure of measures) if (least[measure] > 0) more[measure] = Math.max(least[measure], slice[measure])
    // Near the end of a budget there may be room for the call though not for a slice.
    for (const amount of [more, least]) {
      const leased = await lease(connection, counter, amount, limits)
      if (!leased) continue
      counted = leased
      available = plus(available, amount)
      return takeHere(wanted)
    }
    return false
  }

  return {
    windowEnd: window.end,
    idle: () => [taken, used, available].every(amounts => measures.every(measure => amounts[measure] === 0)),
    take(wanted) {
      // No call is refused for an estimate that is larger than the whole budget.
      const bounded = smaller(wanted, limits)
      if (takeHere(bounded)) return true
      const answer = asking.then(() => askForMore(bounded))
      asking = answer.catch(() => {})
      return answer
    },
    settle(wanted, really) {
      const bounded = smaller(wanted, limits)
      taken = minus(taken, bounded)
      available = plus(available, minus(bounded, really))
      used = plus(used, really)
    },
    remaining: () => each(plus(minus(limits, counted), available), value => Math.max(0, value)),
    async sync(through, { giveBack }) {
      const rest =
        giveBack || now() - touchedAt > untouchedMs ? available : each(available, value => Math.min(0, value))
      const spent = used
      if (measures.every(measure => rest[measure] === 0 && spent[measure] === 0)) return
      // What was used beyond what was set aside has made `available` negative: that much more is counted.
      used = nothing
      available = minus(available, rest)
      try {
        const booked = await book(through, counter, {
          spent,
          leased: minus(
            each(rest, value => -value),
            spent,
          ),
        })
        if (booked) counted = booked
      } catch (error) {
        used = plus(used, spent)
        available = plus(available, rest)
        throw error
      }
    },
  }
}

const smaller = (wanted: Amounts, limits: Amounts): Amounts => ({
  requests: Math.min(wanted.requests, limits.requests),
  tokens: Math.min(wanted.tokens, limits.tokens),
  nanoUsd: Math.min(wanted.nanoUsd, limits.nanoUsd),
})

const sliceOf = (limits: Amounts): Amounts =>
  each(limits, limit => (Number.isFinite(limit) ? Math.floor(limit / slices) : 1_000_000_000))
