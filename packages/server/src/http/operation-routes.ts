import { CausewayError } from '@causeway/contracts'
import type { Metrics } from '../telemetry/index.ts'
import type { App } from './create-app.ts'

/** Something that must work before this replica takes requests. */
export interface ReadinessCheck {
  name: string
  /** Throws when it does not work. */
  check: () => Promise<void>
}

/** What operators and their tools ask for: health, readiness, figures and the description of the API. */
export function operationRoutes(app: App, { metrics, checks }: { metrics: Metrics; checks: readonly ReadinessCheck[] }): void {
  app.get('/healthz', { schema: { hide: true } }, async () => ({ status: 'ok' }))

  app.get('/readyz', { schema: { hide: true } }, async () => {
    for (const { name, check } of checks) {
      await check().catch((cause: unknown) => {
        if (cause instanceof CausewayError) throw cause
        throw new CausewayError('database-unavailable', `Not ready: ${name}.`, { cause, retryAfterSeconds: 2 })
      })
    }
    return { status: 'ready' }
  })

  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) =>
    reply.header('content-type', metrics.registry.contentType).send(await metrics.registry.metrics()),
  )

  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
}
