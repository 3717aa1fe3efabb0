import type { BudgetAlert } from '@causeway/contracts'
import { LRUCache } from 'lru-cache'
import type { Database, Scope } from '../database/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { insertAlert } from './alert-store.ts'
import type { ApplyingBudget } from './applying-budgets.ts'

/** Tells of budgets that are nearly or wholly used up. */
export interface BudgetAlerts {
  /** Does not wait, and does not fail: no call is held up by it. */
  tell(scope: Scope, budget: ApplyingBudget, type: BudgetAlert['type']): void
}

const toldAtMost = 20_000

/** A budget of a minute is a rate limit: that it is used up is no news. */
const isNews = ({ spec }: ApplyingBudget): boolean => spec.window !== 'minute'

export function createBudgetAlerts({ database, logger }: { database: Database; logger: Logger }): BudgetAlerts {
  const told = new LRUCache<string, true>({ max: toldAtMost })
  return {
    tell(scope, budget, type) {
      const { counter, spec, window } = budget
      const key = JSON.stringify([counter, type])
      if (!isNews(budget) || told.has(key)) return
      told.set(key, true)
      const alert: BudgetAlert = {
        type,
        budget: budget.name,
        window: spec.window,
        windowEnd: window.end.toISOString(),
        each: spec.each ?? null,
        subject: counter.subject === '' ? null : counter.subject,
        across: spec.across,
        warnAt: spec.warnAt ?? null,
      }
      insertAlert(database.kysely, scope, counter, alert).catch((error: unknown) => {
        // The next call tries again.
        told.delete(key)
        logger.warn({ err: error, budget: budget.name }, 'that a budget is used up could not be told')
      })
    },
  }
}
