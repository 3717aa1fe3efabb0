import type { BudgetSpec } from '@causeway/contracts'
import type { Scope } from '../database/index.ts'
import { measures, type Amounts } from './amounts.ts'
import { windowAt, type BudgetWindow } from './budget-window.ts'

/** For whom a call is made, as budgets tell calls apart. */
export interface Spender {
  scope: Scope
  keyId: string
  userId: string | null
  teamId: string | null
  /** The agent of the run that calls; null for calls by a key itself. */
  agent: string | null
  route: string
}

/** A budget that a call has to fit into, with the counter that it is counted in. */
export interface ApplyingBudget {
  name: string
  spec: BudgetSpec
  counter: CounterKey
  /** Tells counters apart, and limits: a budget that was changed is counted on, by its new limits. */
  allowanceKey: string
  /** Tells apart those whose calls under way are counted together. */
  slotsKey: string
  window: BudgetWindow
  /** Without a limit for a measure there is no end to it. */
  limits: Amounts
  /** Calls that may be under way at once; undefined without a limit. */
  concurrent: number | undefined
}

/** Where something is counted. */
export interface CounterKey {
  organisationId: string
  /** Empty where all environments count together. */
  environmentId: string
  budget: string
  subject: string
  windowStart: Date
}

const nanoUsdPerUsd = 1_000_000_000

/** The budgets that a call has to fit into. */
export function applyingBudgets(
  budgets: readonly { name: string; spec: BudgetSpec }[],
  spender: Spender,
  at: Date,
): ApplyingBudget[] {
  return budgets
    .filter(({ spec }) => concerns(spec, spender))
    .map(({ name, spec }) => {
      const window = windowAt(spec.window, at)
      const { requests, tokens, usd, concurrent } = spec.limits
      const counter = {
        organisationId: spender.scope.organisationId,
        environmentId: spec.across === 'organisation' ? '' : spender.scope.environmentId,
        budget: name,
        subject: subjectOf(spec, spender),
        windowStart: window.start,
      }
      const limits = {
        requests: requests ?? Number.POSITIVE_INFINITY,
        tokens: tokens ?? Number.POSITIVE_INFINITY,
        nanoUsd: usd === undefined ? Number.POSITIVE_INFINITY : Math.round(usd * nanoUsdPerUsd),
      }
      const slotsKey = [counter.organisationId, counter.environmentId, name, counter.subject].join('\n')
      const counted = measures.map(measure => limits[measure]).join(' ')
      const allowanceKey = [slotsKey, window.start.getTime(), counted].join('\n')
      return { name, spec, window, concurrent, counter, limits, slotsKey, allowanceKey }
    })
}

function concerns(spec: BudgetSpec, { keyId, teamId, agent, route }: Spender): boolean {
  const { routes, teams, keys, agents, onLimit } = spec
  // What calls are sent to when a budget is used up is not held up by the same budget.
  if (typeof onLimit === 'object' && onLimit.downgradeTo === route) return false
  return among(routes, route) && among(teams, teamId) && among(keys, keyId) && among(agents, agent)
}

const among = (names: readonly string[] | undefined, name: string | null): boolean =>
  names === undefined || (name !== null && names.includes(name))

/** Calls without a team, a user or an agent are counted together. */
function subjectOf({ each }: BudgetSpec, { keyId, userId, teamId, agent }: Spender): string {
  switch (each) {
    case 'key':
      return keyId
    case 'user':
      return userId ?? ''
    case 'team':
      return teamId ?? ''
    case 'agent':
      return agent ?? ''
    case undefined:
      return ''
  }
}
