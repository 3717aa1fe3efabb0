import { setTimeout as wait } from 'node:timers/promises'
import type { Scope } from '../database/index.ts'
import type { Manifests } from '../manifests/index.ts'
import type { Secrets } from '../secrets/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { callModel } from './call-model.ts'
import { defaultDeadlines, type Deadlines } from './deadlines.ts'
import type { Models } from './models.ts'
import { createProviders } from './providers/create-providers.ts'
import type { ProviderAdapter, Target } from './providers/provider-adapter.ts'
import { createUpstream } from './providers/transport/upstream.ts'
import { attemptTargets, type Attempted, type AttemptOptions } from './routing/attempt-targets.ts'
import { listModels } from './routing/list-models.ts'
import { resolveRoute, type ResolvedRoute } from './routing/resolve-route.ts'
import type { ProviderSpec } from '@causeway/contracts'

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
export type RouteAttempt<Answer> = Pick<AttemptOptions<Answer>, 'admit' | 'signal'> & {
  attempt: (target: Target, adapter: ProviderAdapter<ProviderSpec>) => Promise<Answer>
}

/** Models, with what the gateway needs to relay requests. */
export interface ModelRouter extends Models {
  readonly deadlines: Deadlines
  readonly clock: Clock
  /** @throws CausewayError model-not-found */
  resolve(scope: Scope, name: string): Promise<ResolvedRoute>
  /** Tries the targets of a route in their order; throws as `attemptTargets` does. */
  attempt<Answer>(route: ResolvedRoute, options: RouteAttempt<Answer>): Promise<Attempted<Answer>>
  /** Drops all connections to providers and what they hold in memory. */
  close(): Promise<void>
}

export function createModels(options: CreateModelsOptions): ModelRouter {
  const { manifests, secrets, logger, clock = systemClock, environment } = options
  const deadlines = { ...defaultDeadlines, ...options.deadlines }
  const upstream = createUpstream({ deadlines })
  const providers = createProviders({
    upstream,
    secrets,
    localModelPath: environment.localModelPath,
    now: () => clock.now(),
  })

  const router: ModelRouter = {
    deadlines,
    clock,
    resolve: (scope, name) => resolveRoute(manifests, scope, name),
    attempt: (route, { admit, attempt, signal }) =>
      attemptTargets(route, {
        availability: target => providers.adapterOf(target.spec).availability(target),
        admit,
        attempt: target => attempt(target, providers.adapterOf(target.spec)),
        onFailure: (target, failure) =>
          logger.warn(
            { provider: target.provider, model: target.model, code: failure.code, conduct: failure.conduct },
            'an attempt at a model provider failed',
          ),
        signal,
        wait: (milliseconds, waitSignal) => clock.wait(milliseconds, waitSignal),
        random: () => clock.random(),
      }),
    call: (scope, request, callOptions) => callModel(router, scope, request, callOptions),
    list: scope => listModels(manifests, scope),
    async close() {
      await providers.close()
      await upstream.close()
    },
  }
  return router
}
