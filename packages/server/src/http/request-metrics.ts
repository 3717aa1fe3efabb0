import type { Counter, Histogram, Registry } from 'prom-client'
import type { App } from './create-app.ts'

/** Where requests are counted. */
export interface HttpMetrics {
  readonly registry: Pick<Registry, 'contentType' | 'metrics'>
  readonly httpRequests: Pick<Counter<'method' | 'route' | 'status'>, 'inc'>
  readonly httpDuration: Pick<Histogram<'method' | 'route'>, 'observe'>
}

/** Counts every request by its route, never by its address, so that the number of series stays bounded. */
export function measureRequests(app: App, { httpRequests, httpDuration }: HttpMetrics): void {
  app.addHook('onResponse', async (request, reply) => {
    const labels = { method: request.method, route: request.routeOptions.url ?? 'none' }
    httpRequests.inc({ ...labels, status: String(reply.statusCode) })
    httpDuration.observe(labels, reply.elapsedTime / 1000)
  })
}
