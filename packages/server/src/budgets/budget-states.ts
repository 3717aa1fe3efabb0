import type { BudgetState } from '@causeway/contracts'
import type { Database } from '../database/index.ts'
import type { Manifests } from '../manifests/index.ts'
import { nothing, plus } from './amounts.ts'
import { applyingBudgets, type Spender } from './applying-budgets.ts'
import { counted } from './counter-store.ts'
import { slotsHeld } from './slot-store.ts'

interface BudgetStateDependencies {
  database: Database
  manifests: Manifests
}

/** The budgets that calls of the spender have to fit into, on whichever route, with what is used of them. */
export async function budgetStates(
  { database, manifests }: BudgetStateDependencies,
  spender: Omit<Spender, 'route'>,
  at: Date,
): Promise<BudgetState[]> {
  const active = await manifests.allActive(spender.scope, 'Budget')
  const specs = new Map(active.map(({ manifest: { name, spec } }) => [name, spec]))
  const anyRoute = [...specs].map(([name, spec]) => {
    const anywhere = { ...spec, onLimit: 'stop' as const }
    delete anywhere.routes
    return { name, spec: anywhere }
  })
  return Promise.all(
    applyingBudgets(anyRoute, { ...spender, route: '' }, at).map(
      async ({ name, spec, window, counter, limits, concurrent }) => {
        const underWay = concurrent === undefined ? 0 : await slotsHeld(database.kysely, counter)
        const { spent, leased } = (await counted(database.kysely, counter)) ?? { spent: nothing, leased: nothing }
        return {
          name,
          window: spec.window,
          each: spec.each,
          routes: specs.get(name)?.routes,
          used: { ...plus(spent, leased), concurrent: underWay },
          limits: {
            requests: finite(limits.requests),
            tokens: finite(limits.tokens),
            nanoUsd: finite(limits.nanoUsd),
            concurrent: concurrent ?? null,
          },
          resetsAt: window.end.toISOString(),
        }
      },
    ),
  )
}

const finite = (limit: number): number | null => (Number.isFinite(limit) ? limit : null)
