import { createHash } from 'node:crypto'
import { RunLimits, type NewEvent } from '@causeway/contracts'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createAudit } from '../audit/index.ts'
import type { Database, Scope } from '../database/index.ts'
import { databaseKinds, openTestDatabase } from '../database/testing/index.ts'
import { createOrganisation } from '../identity/index.ts'
import { createAppendQueue, type AppendToLog } from './append-queue.ts'
import { appendAll, FencedError } from './event-log-store.ts'
import { claimRun, insertRun } from './run-store.ts'
import { insertSession } from './session-store.ts'

describe.each(databaseKinds)('appends of many runs at the same time on %s', kind => {
  const audit = createAudit()
  const names = Array.from({ length: 30 }, (_, index) => `${index}`)
  let database: Database & AsyncDisposable
  let scope: Scope
  let apiKeyId = ''
  let round = 0
  let statements = 0
  let append: AppendToLog

  const runOf = (name: string): string => `run_${round}_${name}`
  const sessionOf = (name: string): string => `session_${round}_${name}`

  const note = (text: string): NewEvent => ({ type: 'note-added', data: { text, by: 'test' } })
  /** An append that says its name in the log and in the audit log. */
  const say = (name: string, { fence = 1, text = name }: { fence?: number; text?: string } = {}) =>
    append({
      runId: runOf(name),
      fence,
      events: [note(text), note('more')],
      progress: { steps: 1, nanoUsd: 5 },
      carried: [
        audit.along({
          organisationId: scope.organisationId,
          environment: 'development',
          actor: 'agent:clerk',
          action: 'tool.allow',
          subject: runOf(name),
          detail: {},
        }),
      ],
    })
  const logOf = async (name: string) =>
    database.kysely
      .selectFrom('events')
      .select(['sequence', 'data'])
      .where('session_id', '=', sessionOf(name))
      .orderBy('sequence')
      .execute()
  const chain = () => database.kysely.selectFrom('audit_log').selectAll().orderBy('sequence').execute()
  const audited = async () => (await chain()).map(({ subject }) => subject).filter(each => each.startsWith(runOf('')))

  beforeAll(async () => {
    database = await openTestDatabase(kind)
    const { kysely } = database
    await database.transaction(transaction => createOrganisation(transaction, audit, 'default'))
    const key = await kysely.selectFrom('api_keys').selectAll().executeTakeFirstOrThrow()
    const environment = await kysely.selectFrom('environments').selectAll().executeTakeFirstOrThrow()
    scope = { organisationId: key.organisation_id, environmentId: environment.id }
    apiKeyId = key.id
  })
  afterAll(() => database[Symbol.asyncDispose]())
  beforeEach(async () => {
    round++
    const { kysely } = database
    const of = { agent: 'clerk', agentVersion: 'v' }
    for (const name of names) {
      await insertSession(kysely, scope, { ...of, id: sessionOf(name), createdBy: 'test' })
      await insertRun(kysely, scope, {
        ...of,
        id: runOf(name),
        sessionId: sessionOf(name),
        input: 'go',
        limits: RunLimits.parse({}),
        priority: 'interactive',
        traceId: 't',
        requestedBy: 'test',
        apiKeyId,
        replayOf: null,
      })
      await claimRun(kysely, runOf(name))
    }
    statements = 0
    const counted = kysely.withPlugin({
      transformQuery: ({ node }) => node,
      transformResult: async ({ result }) => {
        statements++
        return result
      },
    })
    append = createAppendQueue(counted)
  })

  test('are few statements, each with its place in its own log and in one audit chain [A1.sessions, H4.audit-hash-chain]', async () => {
    const first = await Promise.all(names.map(name => say(name)))
    const second = await Promise.all(names.map(name => say(name, { text: 'again' })))
    expect(statements).toBeLessThan(10)
    expect(first.map(({ after }) => after)).toEqual(names.map(() => 0))
    expect(second.map(({ after }) => after)).toEqual(names.map(() => 2))
    for (const name of names) {
      const log = await logOf(name)
      expect(log.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4])
      expect(log.map(({ data }) => data)).toEqual([name, 'more', 'again', 'more'].map(text => ({ text, by: 'test' })))
    }
    const run = await database.kysely
      .selectFrom('runs')
      .selectAll()
      .where('id', '=', runOf('7'))
      .executeTakeFirstOrThrow()
    expect(run).toMatchObject({ steps: 2, nano_usd: 10 })
    expect((await audited()).toSorted()).toEqual([...names, ...names].map(runOf).toSorted())
    const rows = await chain()
    for (const [index, row] of rows.entries()) {
      expect(row.sequence).toBe(index + 1)
      expect(row.previous_hash).toBe(rows[index - 1]?.hash ?? '0'.repeat(64))
      const text = `${row.previous_hash}:${row.sequence}:${row.body}`
      expect(row.hash).toBe(createHash('sha256').update(text).digest('hex'))
    }
  })

  test('of which one is of a worker that was taken over from: that is refused, with all that it carries [A4.fenced]', async () => {
    const said = await Promise.allSettled(names.map(name => say(name, { fence: name === '7' ? 0 : 1 })))
    const refused = said.flatMap((each, index) => (each.status === 'rejected' ? [[names[index], each.reason]] : []))
    expect(refused).toEqual([['7', expect.any(FencedError)]])
    expect(await logOf('7')).toEqual([])
    expect((await audited()).toSorted()).toEqual(
      names
        .filter(name => name !== '7')
        .map(runOf)
        .toSorted(),
    )
  })

  test('of which one cannot be written fail one by one', async () => {
    const said = await Promise.allSettled(names.map(name => say(name, name === '7' ? { text: 'a \0 in it' } : {})))
    expect(said.flatMap(({ status }, index) => (status === 'rejected' ? [names[index]] : []))).toEqual(['7'])
    expect(await logOf('7')).toEqual([])
    expect(await logOf('8')).toHaveLength(2)
    expect((await audited()).length).toBe(names.length - 1)
  })

  test('look up the rows that they change, and read through no others', async () => {
    const [one, other] = ['3', '4'].map(name => ({ runId: runOf(name), fence: 1, events: [note(name)] }))
    if (!one || !other) throw new Error('there are two')
    const plan = await database.transaction(async transaction => {
      // So often that the statement is prepared, and planned without its values, while the tables are small.
      for (let time = 0; time < 20; time++) expect(await appendAll(transaction, [one, other])).not.toContain(undefined)
      const { rows: prepared } = await sql<{ name: string; statement: string }>`
        select name, statement from pg_prepared_statements
        where statement like '%skip locked%' and statement not like '%audit_given%' and generic_plans > 0`.execute(
        transaction,
      )
      const [{ name, statement } = { name: '', statement: '' }] = prepared
      expect(new Set(statement.match(/\$\d+/g))).toEqual(new Set(['$1']))
      const { rows } = await sql<{
        'QUERY PLAN': string
      }>`explain execute ${sql.id(name)} (null)`.execute(transaction)
      return rows.map(row => row['QUERY PLAN'])
    })
    const scans = plan.flatMap(line => /\w+ Scan.* on (?:runs|sessions)\b/.exec(line) ?? [])
    expect(scans.map(scan => scan.replace(/ on .*/, ''))).toEqual([
      'Index Scan using runs_pkey',
      'Index Scan using runs_pkey',
      'Index Scan using sessions_pkey',
    ])
  })

  // The embedded engine does one thing at a time: nobody holds anything there while others write.
  const whereOthersHold = kind === 'postgresql' ? [kind] : []
  test.each(whereOthersHold)('do not wait on %s for one whose run is held by somebody else', async () => {
    const held = Promise.withResolvers<void>()
    const locked = Promise.withResolvers<void>()
    const holding = database.transaction(async transaction => {
      await transaction.selectFrom('runs').select('id').where('id', '=', runOf('7')).forUpdate().execute()
      locked.resolve()
      await held.promise
    })
    await locked.promise
    const late = say('7')
    await Promise.all(names.filter(name => name !== '7').map(name => say(name)))
    expect(await logOf('7')).toEqual([])
    held.resolve()
    await holding
    expect(await late).toMatchObject({ after: 0 })
  })
})
