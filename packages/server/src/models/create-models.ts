import { setTimeout as wait } from 'node:timers/promises'
import type { Scope } from '../database/index.ts'
import type { Guardrails } from '../guardrails/index.ts'
import type { Manifests } from '../manifests/index.ts'
import { handlesIn, type Secrets } from '../secrets/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { callModel } from './call-model.ts'
import { defaultDeadlines, type Deadlines } from './deadlines.ts'
import type { ScoreSums } from './feedback/score-sums.ts'
import { createCallGuard, type CallGuard, type GuardOptions } from './guarding/call-guard.ts'
import { guardAdapter } from './guarding/guard-adapter.ts'
import type { Models } from './models.ts'
import { createProviders } from './providers/create-providers.ts'
import type { FilesRequest, ProviderAdapter, Target } from './providers/provider-adapter.ts'
import { createUpstream, type UpstreamResponse } from './providers/transport/upstream.ts'
import { firstContentDeadline, type FirstContentDeadline } from './first-content-deadline.ts'
import { apiKeysOf } from './providers/api-keys.ts'
import { attemptTargets, type Attempted, type AttemptOptions, type Candidate } from './routing/attempt-targets.ts'
import { createConversationAffinity } from './routing/conversation-affinity.ts'
import { createKeyHealth } from './routing/key-health.ts'
import { createTargetHealth } from './routing/target-health.ts'
import { listModels } from './routing/list-models.ts'
import { orderTargets, type RoutePlan } from './routing/order-targets.ts'
import { resolveRoute, type ResolvedRoute } from './routing/resolve-route.ts'
import type { RoutingRequest } from './routing/routing-request.ts'
import { createTargetLatency, targetName, type TargetLatency } from './routing/target-latency.ts'
import { CausewayError, type ProviderSpec } from '@causeway/contracts'

/** Time and chance, so that tests can have their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after `milliseconds`; rejects with the reason of `signal` when that aborts. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>
  /** A number from 0 up to 1. */
  random(): number
}

const systemClock: Clock = {
  now: Date.now,
  wait: (milliseconds, signal) =>
    wait(milliseconds, undefined, { signal }).catch(() => {
      throw signal.reason
    }),
  random: Math.random,
}

interface CreateModelsOptions {
  manifests: Manifests
  guardrails: Guardrails
  scores: ScoreSums
  secrets: Secrets
  logger: Logger
  clock?: Clock
  deadlines?: Partial<Deadlines>
  environment: {
    /** The GGUF file of providers of type `local`. */
    localModelPath?: string | undefined
  }
}

/** An attempt at the targets of a route, as the gateway makes it: what it does with one target, and whether it may. */
export type RouteAttempt<Answer> = Pick<AttemptOptions<Answer>, 'admit' | 'signal' | 'hedgeAfterMs' | 'onFailure'> & {
  scope: Scope
  /** Through which everything goes to the providers and comes from them. */
  guard: CallGuard
  /** Whether the answer is wanted piece by piece, so that a long silence tells that nothing will come. */
  stream: boolean
  attempt: (target: Target, adapter: ProviderAdapter<ProviderSpec>, deadline: FirstContentDeadline) => Promise<Answer>
}

/** Models, with what the gateway needs to relay requests. */
export interface ModelRouter extends Models {
  readonly deadlines: Deadlines
  readonly clock: Clock
  /** @throws CausewayError model-not-found */
  resolve(scope: Scope, name: string): Promise<ResolvedRoute>
  /** Puts the targets of a route into the order for one request. @throws CausewayError no-provider-available */
  plan(scope: Scope, route: ResolvedRoute, request: RoutingRequest): RoutePlan
  /** The guardrails that are in force for one call. */
  guard(scope: Scope, options: Omit<GuardOptions, 'watches' | 'look'>): Promise<CallGuard>
  /** Tries targets in their order; throws as `attemptTargets` and `CallGuard.inspect` do. */
  attempt<Answer>(
    route: { name: string; targets: readonly Candidate[]; conversation?: string | undefined },
    options: RouteAttempt<Answer>,
  ): Promise<Attempted<Answer>>
  /** The providers of an environment that have files and batches. */
  fileProviders(scope: Scope): Promise<Target[]>
  /**
   * Hands a request about files or batches on to one of them, with the first of its keys.
   * @throws ProviderFailure when there is no answer or one that is not 2xx, CausewayError no-provider-available
   */
  files(target: Target, request: FilesRequest, options: { signal: AbortSignal }): Promise<UpstreamResponse>
  /** Drops all connections to providers and what they hold in memory. */
  close(): Promise<void>
}

export function createModels(options: CreateModelsOptions): ModelRouter {
  const { manifests, guardrails, scores, secrets, logger, clock = systemClock, environment } = options
  const deadlines = { ...defaultDeadlines, ...options.deadlines }
  const upstream = createUpstream({ deadlines })
  const providers = createProviders({
    upstream,
    secrets,
    localModelPath: environment.localModelPath,
    now: () => clock.now(),
  })

  const now = (): number => clock.now()
  const latency = createTargetLatency(now)
  const health = createTargetHealth(now)
  const keys = createKeyHealth(now)
  const affinity = createConversationAffinity(now)
  /** Waiting for a silent provider is worth less when another one can be asked. */
  const patience = ({ spec }: Target, { stream, last }: { stream: boolean; last: boolean }): number => {
    const own = 'timeouts' in spec ? spec.timeouts?.firstToken : undefined
    if (own !== undefined) return own * 1000
    return stream && !last ? deadlines.firstTokenMs : deadlines.firstByteMs
  }
  const router: ModelRouter = {
    deadlines,
    clock,
    resolve: (scope, name) => resolveRoute(manifests, scope, name),
    plan: (scope, route, request) =>
      orderTargets(route, request, {
        now: () => clock.now(),
        random: () => clock.random(),
        latency,
        feedback: (name, target) => scores.of(scope, name, target),
        scope: scope.environmentId,
        affinity,
      }),
    async guard(scope, given) {
      const watches = await guardrails.inForce(scope)
      return createCallGuard({ ...given, watches, look: sent => guardrails.look(scope, watches.input, sent) })
    },
    async attempt(route, { scope, guard, stream, admit, attempt, signal, hedgeAfterMs, onFailure }) {
      await guard.inspect()
      const attempted = await attemptTargets(route, {
        availability: target => {
          const looking = secrets.ready(target.scope, handlesIn(target.spec))
          const adapter = providers.adapterOf(target.spec)
          return looking ? looking.then(() => adapter.availability(target)) : adapter.availability(target)
        },
        admit,
        hedgeAfterMs,
        attempt: async (target, { last, signal: own }) => {
          const deadline = firstContentDeadline(target.provider, patience(target, { stream, last }), own)
          try {
            return await timed(latency, clock, { scope, target }, () =>
              attempt(target, guardAdapter(providers.adapterOf(target.spec), guard), deadline),
            )
          } finally {
            deadline.met()
          }
        },
        keysOf: ({ spec }) => ('apiKey' in spec ? apiKeysOf(spec).length : 1),
        scope: scope.environmentId,
        health,
        keys,
        now: () => clock.now(),
        onFailure: (target, failure) => {
          onFailure?.(target, failure)
          // It may have been replaced where it is kept.
          if (failure.failureClass === 'dead-key') secrets.doubt(target.scope, handlesIn(target.spec))
          logger.warn(
            { provider: target.provider, model: target.model, code: failure.code, failureClass: failure.failureClass },
            'an attempt at a model provider failed',
          )
        },
        signal,
        wait: (milliseconds, waitSignal) => clock.wait(milliseconds, waitSignal),
        random: () => clock.random(),
      })
      if (route.conversation !== undefined) affinity.remember(route.conversation, targetName(attempted.target))
      return attempted
    },
    call: (scope, request, callOptions) => callModel(router, scope, request, callOptions),
    list: scope => listModels(manifests, scope),
    async fileProviders(scope) {
      const active = await manifests.allActive(scope, 'Provider')
      return active
        .map(({ manifest: { name, spec } }) => ({ scope, provider: name, spec, model: '' }))
        .filter(({ spec }) => providers.adapterOf(spec).files !== undefined)
    },
    async files(target, request, filesOptions) {
      await secrets.ready(target.scope, handlesIn(target.spec))
      const sent = providers.adapterOf(target.spec).files?.(target, request, filesOptions)
      if (sent) return sent
      throw new CausewayError('no-provider-available', `The provider "${target.provider}" has no files.`)
    },
    async close() {
      await providers.close()
      await upstream.close()
    },
  }
  return router
}

/** Notes how long a target takes until its answer begins. */
async function timed<Answer>(
  latency: TargetLatency,
  clock: Clock,
  { scope, target }: { scope: Scope; target: Target },
  attempt: () => Promise<Answer>,
): Promise<Answer> {
  const name = targetName(target)
  const startedAt = clock.now()
  latency.started(scope.environmentId, name)
  try {
    const answer = await attempt()
    latency.observe(scope.environmentId, name, clock.now() - startedAt)
    return answer
  } finally {
    latency.ended(scope.environmentId, name)
  }
}
