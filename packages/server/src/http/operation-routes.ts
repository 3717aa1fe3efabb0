import { CausewayError } from '@causeway/contracts'
import type { Registry } from 'prom-client'
import type { App } from './create-app.ts'

/** Something that must work before this replica takes requests. */
export interface ReadinessCheck {
  name: string
  /** Throws when it does not work. */
  check: () => Promise<void>
}

interface OperationOptions {
  metrics: { readonly registry: Pick<Registry, 'contentType' | 'metrics'> }
  checks: readonly ReadinessCheck[]
}

/** A probe gives up after a few seconds, so that an answer after that would be of no use. */
const checkLimitMs = 3_000

/**
 * What operators and their tools ask for: health, readiness and figures. Probes of load balancers carry no key, and learn nothing else;
 * the figures name models, tools and agents, and need a right.
 */
export function operationRoutes(app: App, { metrics, checks }: OperationOptions): void {
  app.get('/healthz', { schema: { hide: true } }, async () => ({ status: 'ok' }))

  app.get('/readyz', { schema: { hide: true } }, async () => {
    await Promise.all(checks.map(runCheck))
    return { status: 'ready' }
  })

  app.get('/metrics', { config: { right: 'metrics:read' }, schema: { hide: true } }, async (_request, reply) =>
    reply.header('content-type', metrics.registry.contentType).send(await metrics.registry.metrics()),
  )
}

async function runCheck({ name, check }: ReadinessCheck): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`no answer in ${checkLimitMs} ms`)), checkLimitMs)
  try {
    await Promise.race([check(), late])
  } catch (cause) {
    if (cause instanceof CausewayError && cause.status === 503) throw cause
    throw new CausewayError('not-ready', `Not ready: ${name}.`, { cause, retryAfterSeconds: 2 })
  } finally {
    clearTimeout(timer)
  }
}
