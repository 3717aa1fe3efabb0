import { RunLimits } from '@causeway/contracts'
import { expect, test } from 'vitest'
import { createAudit } from '../audit/index.ts'
import { databaseKinds, openTestDatabase } from '../database/testing/index.ts'
import { createOrganisation } from '../identity/index.ts'
import { effectState, markExecuting } from './effect-store.ts'
import { appendEvents } from './event-log-store.ts'
import { claimRun, insertRun } from './run-store.ts'
import { insertSession } from './session-store.ts'

test.each(databaseKinds)(
  'on %s an effect is begun once, and not by a worker that was taken over from [A4.fenced, A4.no-repeated-effects]',
  async kind => {
    await using database = await openTestDatabase(kind)
    const { kysely } = database
    await database.transaction(transaction => createOrganisation(transaction, createAudit(), 'default'))
    const key = await kysely.selectFrom('api_keys').selectAll().executeTakeFirstOrThrow()
    const environment = await kysely.selectFrom('environments').selectAll().executeTakeFirstOrThrow()
    const scope = { organisationId: key.organisation_id, environmentId: environment.id }
    const of = { agent: 'clerk', agentVersion: 'v' }
    await insertSession(kysely, scope, { ...of, id: 'session_1', createdBy: 'test' })
    await insertRun(kysely, scope, {
      ...of,
      id: 'run_1',
      sessionId: 'session_1',
      input: 'go',
      limits: RunLimits.parse({}),
      priority: 'interactive',
      traceId: 't',
      requestedBy: 'test',
      apiKeyId: key.id,
      replayOf: null,
    })
    const first = await claimRun(kysely, 'run_1')
    const fence = first?.fence ?? 0
    const effectOf = (name: string) => ({
      key: name,
      callId: name,
      tool: 'pay',
      toolVersion: 'v',
      argumentsHash: 'h',
      state: 'intended' as const,
      attempts: 0,
    })
    await appendEvents(kysely, { runId: 'run_1', fence, events: [], effects: [effectOf('one'), effectOf('other')] })
    const mark = (name: string, by: number) => markExecuting(kysely, scope, { key: name, runId: 'run_1', fence: by })
    expect(await mark('one', fence)).toBe(true)
    expect(await mark('one', fence)).toBe(false)
    const second = await claimRun(kysely, 'run_1')
    expect(await mark('other', fence)).toBe(false)
    expect(await effectState(kysely, scope, 'other')).toBe('intended')
    expect(await mark('other', second?.fence ?? 0)).toBe(true)
  },
)
