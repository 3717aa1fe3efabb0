import { Decision, PolicyImpact, PolicyImpactQuery } from '@causeway/contracts'
import { shadowImpact } from '../audit/index.ts'
import type { Database } from '../database/index.ts'
import type { App } from '../http/index.ts'

const rowsAtMost = 500
const weekMs = 7 * 86_400_000

/** What policies in shadow would do. */
export function policyRoutes(app: App, { database }: { database: Database }): void {
  app.get(
    '/v1/policies/impact',
    {
      config: { right: 'audit:read' },
      schema: {
        tags: ['policies'],
        summary: 'Calls of tools of which something else would come with the policies in shadow',
        querystring: PolicyImpactQuery,
        response: { 200: PolicyImpact },
      },
    },
    async ({ caller, query }) => {
      const since = query.since ? new Date(query.since) : new Date(Date.now() - weekMs)
      const { decisions, rows } = await shadowImpact(database.kysely, caller.organisationId, {
        environment: caller.environment,
        since,
        limit: rowsAtMost,
      })
      const answerOf = (text: string) => Decision.shape.answer.parse(text)
      return {
        since: since.toISOString(),
        decisions,
        data: rows.map(({ tool, actor, action, would, reasons, calls }) => ({
          tool,
          agent: actor.replace(/^agent:/, ''),
          answer: answerOf(action.replace(/^tool\./, '')),
          would: answerOf(would),
          reasons,
          calls,
        })),
      }
    },
  )
}
