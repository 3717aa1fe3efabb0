import type { ManifestOf } from '@causeway/contracts'
import { applyingBudgets, type ApplyingBudget, type Spender } from './applying-budgets.ts'

type BudgetList = readonly { manifest: ManifestOf<'Budget'> }[]

interface Remembered {
  applying: readonly ApplyingBudget[]
  /** Milliseconds since 1970: the windows of all of them are open from then until before then. */
  from: number
  until: number
}

/** Those who call differently; beyond this all are worked out again. */
const callersKept = 5000

/**
 * The budgets that apply to calls: worked out once for those who call alike, until a window ends. What was worked out of
 * a list goes with the list, which is another one when a manifest has changed.
 */
export function rememberedBudgets(): (budgets: BudgetList, spender: Spender, at: number) => readonly ApplyingBudget[] {
  const lists = new WeakMap<BudgetList, Map<string, Remembered>>()
  return (budgets, spender, at) => {
    if (budgets.length === 0) return []
    let callers = lists.get(budgets)
    if (!callers || callers.size >= callersKept) lists.set(budgets, (callers = new Map<string, Remembered>()))
    const { keyId, userId, teamId, agent, route } = spender
    // Neither ids nor names of agents have line breaks; the route comes last, as it can be anything.
    const caller = [keyId, userId, teamId, agent, route].join('\n')
    const known = callers.get(caller)
    if (known && at >= known.from && at < known.until) return known.applying
    const applying = applyingBudgets(
      budgets.map(({ manifest }) => manifest),
      spender,
      new Date(at),
    )
    callers.set(caller, {
      applying,
      from: Math.max(0, ...applying.map(({ window }) => window.start.getTime())),
      until: Math.min(...applying.map(({ window }) => window.end.getTime())),
    })
    return applying
  }
}
