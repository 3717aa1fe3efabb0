import type { GuardrailFinding } from '@causeway/contracts'
import { BudgetExceeded } from '../../budgets/index.ts'
import type { Caller } from '../../identity/index.ts'
import type { ModelRouter } from '../create-models.ts'
import type { CallGuard } from '../guarding/call-guard.ts'
import type { Attempted } from '../routing/attempt-targets.ts'
import type { RoutePlan } from '../routing/order-targets.ts'
import type { ResolvedRoute } from '../routing/resolve-route.ts'
import type { RoutingRequest } from '../routing/routing-request.ts'
import type { BegunAnswer, OutgoingHeaders } from './begun-answer.ts'
import type { CallAccount } from './call-account.ts'
import { headerSafe } from './header-safe.ts'
import { rateLimitHeaders } from './rate-limit-headers.ts'

interface RoutedCall {
  models: ModelRouter
  caller: Caller
  guard: CallGuard
  route: ResolvedRoute
  choice: RoutingRequest
  account: CallAccount
  /** Get what the gateway says of the call. */
  headers: OutgoingHeaders
}

/**
 * Begins an answer on the route that was asked for, or on the one that a used-up budget names.
 * @throws BudgetExceeded, and what planning and `begin` throw
 */
export async function beginOnRoute(
  { models, caller, guard, route, choice, account, headers }: RoutedCall,
  begin: (route: ResolvedRoute, plan: RoutePlan) => Promise<Attempted<BegunAnswer>>,
): Promise<{ plan: RoutePlan; begun: Attempted<BegunAnswer> }> {
  const attempt = async (taken: ResolvedRoute) => {
    const plan = models.plan(caller, taken, choice)
    account.planned(plan)
    return { plan, begun: await begin(taken, plan) }
  }
  const attemptCheaper = async (error: unknown) => {
    if (!(error instanceof BudgetExceeded)) throw error
    const { downgradeTo, rateLimits } = error
    if (downgradeTo === undefined) {
      Object.assign(headers, rateLimitHeaders(rateLimits))
      throw error
    }
    headers['causeway-downgraded-to'] = downgradeTo
    return attempt(await models.resolve(caller, downgradeTo))
  }
  const started = await attempt(route).catch(attemptCheaper)
  account.began(started.begun)
  Object.assign(
    headers,
    headersOf(started.begun, started.plan),
    warningHeader(account.warnings()),
    guardrailHeader(guard.findings()),
    rateLimitHeaders(account.rateLimits()),
  )
  return started
}

const warningHeader = (budgets: readonly string[]): OutgoingHeaders =>
  budgets.length > 0 ? { 'causeway-budget-warning': budgets.join(', ') } : {}

const guardrailHeader = (findings: readonly GuardrailFinding[]): OutgoingHeaders =>
  findings.length > 0
    ? {
        'causeway-guardrails': findings
          .map(({ guardrail, detector, count }) => `${guardrail};${detector}=${count}`)
          .join(', '),
      }
    : {}

const headersOf = ({ target, attempts }: Attempted<BegunAnswer>, { reason }: RoutePlan): OutgoingHeaders => ({
  'causeway-provider': target.provider,
  'causeway-model': headerSafe(target.model),
  'causeway-route-reason': headerSafe(reason),
  'causeway-attempts': attempts.length,
  ...(target.spec.type === 'rehearsal' && { 'causeway-rehearsal': 'true' }),
})
