import { CausewayError, RepriceCosts, RepricedCosts } from '@causeway/contracts'
import type { App } from '../../http/index.ts'
import { repriceCalls, type RepriceDependencies } from './reprice-calls.ts'

/** Costs of stored model calls: price them anew. */
export function costRoutes(app: App, dependencies: RepriceDependencies): void {
  app.post(
    '/v1/costs/reprice',
    {
      config: { right: 'costs:write' },
      schema: {
        tags: ['model calls'],
        summary: 'Price stored model calls by the prices that are in force now; with "apply" keep the new costs',
        body: RepriceCosts,
        response: { 200: RepricedCosts },
      },
    },
    async ({ caller, body: { since, until, provider, model, apply } }) => {
      const stretch = { since: new Date(since), until: until === undefined ? new Date() : new Date(until) }
      if (stretch.since >= stretch.until)
        throw new CausewayError('invalid-request', 'The time ends before it begins.', {
          problems: [{ pointer: '/since', message: 'expected an instant before "until"' }],
        })
      return repriceCalls(dependencies, caller, { ...stretch, provider, model, apply })
    },
  )
}
