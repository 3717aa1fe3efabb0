import { CausewayError, Usage, usageDaysAtMost, UsageQuery, type UsageOf } from '@causeway/contracts'
import { budgetStates } from '../budgets/index.ts'
import type { Database } from '../database/index.ts'
import type { App } from '../http/index.ts'
import { requireRight, type Caller } from '../identity/index.ts'
import type { Manifests } from '../manifests/index.ts'
import { sumUsage, type Subject } from './usage-store.ts'

interface UsageRouteDependencies {
  database: Database
  manifests: Manifests
}

const dayMs = 86_400_000
const usualDays = 30
const groupsAtMost = 1000

/** What was used of models, for whoever uses them. */
export function usageRoutes(app: App, dependencies: UsageRouteDependencies): void {
  app.get(
    '/v1/usage',
    {
      config: { anyCaller: true },
      schema: {
        tags: ['usage'],
        summary: 'Sum requests, tokens and cost, and show what is left of the budgets that apply to the key',
        querystring: UsageQuery,
        response: { 200: Usage },
      },
    },
    async ({ caller, query }) => {
      const of = query.of ?? (caller.rights.has('runs:read') ? 'environment' : 'key')
      const by = query.by ?? null
      const { since, until } = stretchOf(query)
      const filter = { since, until, by, subject: subjectOf(of, caller), limit: groupsAtMost + 1 }
      const { total, groups } = await sumUsage(dependencies.database.kysely, caller, filter)
      const { keyId, userId, teamId } = caller
      return {
        of,
        by,
        since: since.toISOString(),
        until: until.toISOString(),
        total,
        groups: groups.slice(0, groupsAtMost),
        cut: groups.length > groupsAtMost,
        budgets: await budgetStates(dependencies, { scope: caller, keyId, userId, teamId, agent: null }, new Date()),
      }
    },
  )
}

/** @throws CausewayError invalid-request */
function stretchOf(query: { since?: string | undefined; until?: string | undefined }): { since: Date; until: Date } {
  const until = query.until === undefined ? new Date() : new Date(query.until)
  const since = query.since === undefined ? new Date(until.getTime() - usualDays * dayMs) : new Date(query.since)
  const milliseconds = until.getTime() - since.getTime()
  if (milliseconds > 0 && milliseconds <= usageDaysAtMost * dayMs) return { since, until }
  throw new CausewayError('invalid-request', `Use is summed over ${usageDaysAtMost} days at most.`, {
    problems: [{ pointer: '/since', message: `expected an instant before "until", ${usageDaysAtMost} days at most` }],
  })
}

/** A key sees its own use; the use of others needs the right to read it. @throws CausewayError missing-right, invalid-request */
function subjectOf(of: UsageOf, caller: Caller): Subject {
  switch (of) {
    case 'key':
      return { column: 'api_key_id', id: caller.keyId }
    case 'user':
      return { column: 'user_id', id: caller.userId ?? nobody('user') }
    case 'team':
      requireRight(caller, 'runs:read')
      return { column: 'team_id', id: caller.teamId ?? nobody('team') }
    case 'environment':
      requireRight(caller, 'runs:read')
      return 'everybody'
    case 'organisation':
      requireRight(caller, 'runs:read')
      if (caller.everywhere) return 'everywhere'
      throw new CausewayError(
        'missing-right',
        'The key may not be used in all environments of the organisation; ask for "of=environment".',
      )
  }
}

function nobody(what: string): never {
  throw new CausewayError('invalid-request', `The key belongs to no ${what}; ask for "of=key".`)
}
