import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../database/index.ts'
import { databaseKinds, openTestDatabase } from '../database/testing/index.ts'
import { createLogger } from '../telemetry/index.ts'
import { createAudit, startAuditLog, startAuditRetention } from './index.ts'
import { signHead, type HeadKey, type HeadKeys } from './signed-head.ts'
import { auditHead, listAudit } from './store.ts'
import { verifyAgainst, verifyChain } from './verify-chain.ts'

describe.each(databaseKinds)('the audit log on %s', kind => {
  let database: Database & AsyncDisposable
  let organisation = 0
  let organisationId = ''
  const audit = createAudit()

  beforeAll(async () => void (database = await openTestDatabase(kind)))
  afterAll(() => database[Symbol.asyncDispose]())
  beforeEach(async () => {
    organisationId = `org_${++organisation}`
    await database.kysely.insertInto('organisations').values({ id: organisationId, name: organisationId }).execute()
    await startAuditLog(database.kysely, organisationId)
  })

  const key: HeadKey = { id: 'k', bytes: Buffer.alloc(32, 7) }
  const keys = { newest: () => key, find: () => key }

  const append = (subject: string, detail: Record<string, unknown> = {}, at?: Date): Promise<void> =>
    audit.record(database.kysely, {
      organisationId,
      environment: 'dev',
      actor: 'user:ann',
      action: 'run.created',
      subject,
      detail,
      ...(at && { at }),
    })
  const appendMany = async (count: number): Promise<void> => {
    for (let number = 1; number <= count; number++) await append(`run_${number}`)
  }
  const change = (statement: string): Promise<unknown> =>
    sql`${sql.raw(statement)} and organisation_id = ${organisationId}`.execute(database.kysely)
  const verify = () => verifyChain(database.kysely, organisationId, keys)

  test('rows form a chain, each with the hash of the one before it [H4.audit-hash-chain]', async () => {
    expect(await verify()).toMatchObject({ valid: true, entries: 0 })
    await append('run_1', { ümlaut: 'ja', nested: { b: 1, a: [1.5, null] } })
    await append('run_2')
    const rows = await listAudit(database.kysely, organisationId, {}, { before: undefined, limit: 10 })
    expect(rows.map(({ sequence, subject }) => [sequence, subject])).toEqual([
      [2, 'run_2'],
      [1, 'run_1'],
    ])
    expect(rows[0]?.previousHash).toBe(rows[1]?.hash)
    expect(rows[1]?.detail).toEqual({ ümlaut: 'ja', nested: { a: [1.5, null], b: 1 } })
    expect(await verify()).toEqual({
      valid: true,
      entries: 2,
      head: rows[0]?.hash,
      firstBrokenSequence: null,
      problem: null,
    })
  })

  test('two hundred appends at once make one unbroken chain [H4.audit-hash-chain]', async () => {
    await Promise.all(
      Array.from({ length: 200 }, (_, number) =>
        number % 2 === 0
          ? append(`run_${number}`)
          : database.transaction(transaction =>
              audit.record(transaction, {
                organisationId,
                environment: null,
                actor: 'a',
                action: 'b',
                subject: `${number}`,
                detail: {},
              }),
            ),
      ),
    )
    expect(await verify()).toMatchObject({ valid: true, entries: 200 })
  })

  test('a transaction that fails leaves no trace and no gap', async () => {
    await append('run_1')
    const failing = database.transaction(async transaction => {
      await audit.record(transaction, {
        organisationId,
        environment: null,
        actor: 'a',
        action: 'b',
        subject: 'c',
        detail: {},
      })
      throw new Error('undone')
    })
    await expect(failing).rejects.toThrow('undone')
    await append('run_2')
    expect(await verify()).toMatchObject({ valid: true, entries: 2 })
  })

  test.each([
    ['an edited body', `update audit_log set body = replace(body, 'run_3', 'run_9') where sequence = 3`, 3],
    ['an edited column', `update audit_log set actor = 'user:eve' where sequence = 3`, 3],
    ['an edited time', `update audit_log set at = at - interval '1 day' where sequence = 3`, 3],
    ['a deleted row', `delete from audit_log where sequence = 3`, 3],
    ['a deleted first row', `delete from audit_log where sequence = 1`, 1],
    ['a cut tail', `delete from audit_log where sequence > 3`, 4],
    ['an emptied log', `delete from audit_log where sequence > 0`, 1],
    [
      'swapped rows',
      `update audit_log set sequence = case sequence when 2 then 1003 else 1002 end where sequence in (2, 3)`,
      2,
    ],
    ['an edited hash', `update audit_log set hash = repeat('a', 64) where sequence = 3`, 3],
    ['an edited head', `update audit_heads set hash = repeat('a', 64) where sequence = 5`, 5],
    [
      'a head set back',
      `update audit_heads set sequence = 4, hash = (select hash from audit_log l where l.sequence = 4 and l.organisation_id = audit_heads.organisation_id) where sequence = 5`,
      5,
    ],
    ['a deleted head', `delete from audit_heads where sequence = 5`, 1],
  ])('%s is found [H4.audit-tamper-detected]', async (_kind, statement, firstBrokenSequence) => {
    await appendMany(5)
    expect(await verify()).toMatchObject({ valid: true, entries: 5 })
    await change(statement)
    if (statement.includes('1003'))
      await change('update audit_log set sequence = sequence - 1000 where sequence > 1000')
    expect(await verify()).toMatchObject({ valid: false, firstBrokenSequence, problem: expect.stringMatching(/./) })
  })

  test('a chain longer than a batch is read in parts', async () => {
    await sql`
      with recursive chain as (
        select 0::bigint as sequence, repeat('0', 64) as previous_hash, ''::text as body, repeat('0', 64) as hash
        union all
        select next.sequence, chain.hash, next.body, encode(sha256(convert_to(chain.hash || ':' || next.sequence || ':' || next.body, 'UTF8')), 'hex')
        from chain, lateral (select chain.sequence + 1 as sequence,
          '{"action":"b","actor":"a","at":"2026-01-01T00:00:00.000Z","detail":{},"environment":null,"subject":"s"}' as body) as next
        where chain.sequence < 2500
      ), rows as (
        insert into audit_log (organisation_id, sequence, at, actor, action, subject, body, previous_hash, hash)
        select ${organisationId}, sequence, '2026-01-01T00:00:00Z', 'a', 'b', 's', body, previous_hash, hash from chain where sequence > 0
      )
      update audit_heads set sequence = 2500, hash = (select hash from chain where sequence = 2500) where organisation_id = ${organisationId}
    `.execute(database.kysely)
    expect(await verify()).toMatchObject({ valid: true, entries: 2500 })
    await change('delete from audit_log where sequence = 1700')
    expect(await verify()).toMatchObject({ valid: false, firstBrokenSequence: 1700, problem: 'Row 1700 is missing.' })
  })

  describe('that was written anew with right hashes by whoever has the database', () => {
    const kept = async () =>
      signHead(key, {
        organisationId,
        ...(await auditHead(database.kysely, organisationId)),
        at: new Date().toISOString(),
      })
    const compare = (head: Awaited<ReturnType<typeof kept>>) =>
      verifyAgainst(database.kysely, organisationId, { head, keys })
    /** Hashes all rows from 1 on anew, as an attacker would, and puts the head where it suits. */
    const rewrite = (): Promise<unknown> =>
      sql`
        with recursive chain as (
          select 0::bigint as sequence, ${'0'.repeat(64)} as previous_hash, ${'0'.repeat(64)} as hash
          union all
          select log.sequence, chain.hash,
            encode(sha256(convert_to(chain.hash || ':' || log.sequence || ':' || log.body, 'UTF8')), 'hex')
          from chain join audit_log log on log.sequence = chain.sequence + 1 and log.organisation_id = ${organisationId}
        ), rewritten as (
          update audit_log set previous_hash = chain.previous_hash, hash = chain.hash from chain
          where audit_log.organisation_id = ${organisationId} and audit_log.sequence = chain.sequence
        )
        update audit_heads set sequence = last.sequence, hash = last.hash
        from (select sequence, hash from chain order by sequence desc limit 1) last
        where organisation_id = ${organisationId}`.execute(database.kysely)

    test.each([
      [
        'edited',
        "update audit_log set body = replace(body, 'run_2', 'run_9'), subject = 'run_9' where sequence = 2",
        'written anew',
      ],
      ['cut off', 'delete from audit_log where sequence > 3', 'it has 3 now'],
    ])(
      '%s is found by a head that was kept elsewhere, and by nothing else [H4.audit-tamper-detected]',
      async (_what, statement, problem) => {
        await appendMany(5)
        const head = await kept()
        expect(await compare(head)).toMatchObject({ valid: true, entries: 5 })
        await append('run_6')
        expect(await compare(head)).toMatchObject({ valid: true, entries: 6 })
        await change(statement)
        await rewrite()
        expect(await verify()).toMatchObject({ valid: true })
        expect(await compare(head)).toMatchObject({ valid: false, problem: expect.stringContaining(problem) as string })
      },
    )

    test('is not passed off with a head that somebody else has signed or changed [H4.audit-tamper-detected]', async () => {
      await appendMany(2)
      const head = await kept()
      const other = signHead({ id: 'k', bytes: Buffer.alloc(32, 8) }, head)
      for (const forged of [
        other,
        { ...head, sequence: 1 },
        { ...head, organisationId: 'another' },
        { ...head, hash: '0'.repeat(64) },
      ])
        await expect(compare(forged)).rejects.toMatchObject({ code: 'invalid-request' })
    })
  })

  describe('whose rows are removed when their time is over', () => {
    const old = (subject: string, days = 40) => append(subject, {}, new Date(Date.now() - days * 86_400_000))
    const logger = createLogger({ level: 'silent' })
    const retention = (own: HeadKeys = keys) => {
      const stop = startAuditRetention({ database, audit, keys: own, logger, keepDays: 30 })
      return { [Symbol.asyncDispose]: stop }
    }
    const removed = async () => (await verify()).removed?.sequence
    const subjects = async () =>
      (await listAudit(database.kysely, organisationId, {}, { before: undefined, limit: 50 })).map(
        ({ sequence, subject }) => `${sequence} ${subject}`,
      )
    const kept = async () =>
      signHead(key, {
        organisationId,
        ...(await auditHead(database.kysely, organisationId)),
        at: new Date().toISOString(),
      })

    test('keeps the rest verifiable, and heads that were kept elsewhere of use [H4.retention, H4.audit-hash-chain]', async () => {
      for (const number of [1, 2, 3]) await old(`run_${number}`)
      const early = await kept()
      await old('run_4')
      const last = await kept()
      await appendMany(2)
      const late = await kept()
      await using _ = retention()
      await expect.poll(removed, { timeout: 10_000 }).toBe(4)
      expect(await subjects()).toEqual(['7 rows up to 4', '6 run_2', '5 run_1'])
      expect(await verify()).toMatchObject({ valid: true, entries: 3, removed: { sequence: 4 } })
      for (const head of [last, late])
        expect(await verifyAgainst(database.kysely, organisationId, { head, keys })).toMatchObject({ valid: true })
      await expect(verifyAgainst(database.kysely, organisationId, { head: early, keys })).rejects.toMatchObject({
        code: 'invalid-request',
        problems: [{ pointer: '/head/sequence', message: 'expected at least 4' }],
      })
      await append('run_8')
      expect(await verify()).toMatchObject({ valid: true, entries: 4 })
    })

    test('is not what somebody else can pass off, and nothing that was changed is removed [H4.retention, H4.audit-tamper-detected]', async () => {
      for (let number = 1; number <= 6; number++) await old(`run_${number}`)
      await change('update audit_log set sequence = 1004 where sequence = 4')
      await using _ = retention()
      await expect.poll(removed, { timeout: 10_000 }).toBe(3)
      expect(await verify()).toMatchObject({ valid: false, firstBrokenSequence: 4 })
      await change('update audit_log set sequence = 4 where sequence = 1004')
      expect(await verify()).toMatchObject({ valid: true, removed: { sequence: 3 } })

      const sayRemoved = `update audit_heads set removed = removed || jsonb_build_object('sequence', 5, 'hash',
        (select hash from audit_log l where l.sequence = 5 and l.organisation_id = audit_heads.organisation_id)) where true`
      await change(sayRemoved)
      await change('delete from audit_log where sequence <= 5')
      expect(await verify()).toMatchObject({
        valid: false,
        problem: 'Rows up to 5 were removed by somebody else than the platform.',
      })
      await change('update audit_heads set removed = null where true')
      expect(await verify()).toMatchObject({ valid: false, firstBrokenSequence: 1 })
    })

    test('goes on with other logs where the key of one is gone [H4.retention]', async () => {
      await old('run_1')
      await old('run_2')
      await using _ = retention()
      await expect.poll(removed, { timeout: 10_000 }).toBe(1)
      await change(`update audit_heads set removed = removed || '{"keyId":"gone"}' where true`)

      organisationId = `org_later_${organisation}`
      await database.kysely.insertInto('organisations').values({ id: organisationId, name: organisationId }).execute()
      await startAuditLog(database.kysely, organisationId)
      await old('run_1')
      await old('run_2')
      const without = (id: string): HeadKey => {
        if (id === 'k') return key
        throw new Error(`there is no key ${id}`)
      }
      await using parts = new AsyncDisposableStack()
      parts.use(retention({ newest: () => key, find: without }))
      await expect.poll(removed, { timeout: 10_000 }).toBe(1)
    })

    test('stops at the begin of a session under legal hold, and what was signed is signed anew under a new key [H4.retention, H4.legal-hold]', async () => {
      const environment = `env_${organisation}`
      await database.kysely
        .insertInto('environments')
        .values({ id: environment, organisation_id: organisationId, name: 'dev' })
        .execute()
      await sql`
        insert into sessions (organisation_id, environment_id, id, agent, agent_version, created_by, created_at, hold)
        values (${organisationId}, ${environment}, ${`ses_${organisation}`}, 'clerk', 'v', 'user:ann',
          now() - interval '50 days', '{"by":"user:ann","reason":"case 7","at":"2026-01-01T00:00:00.000Z"}')`.execute(
        database.kysely,
      )
      await old('run_1', 60)
      await old('run_2', 45)
      await append('run_3')
      await using parts = new AsyncDisposableStack()
      parts.use(retention())
      await expect.poll(removed, { timeout: 10_000 }).toBe(1)

      const newer: HeadKey = { id: 'newer', bytes: Buffer.alloc(32, 9) }
      parts.use(retention({ newest: () => newer, find: id => (id === 'k' ? key : newer) }))
      const withoutTheOld = () => verifyChain(database.kysely, organisationId, { find: () => newer })
      await expect
        .poll(withoutTheOld, { timeout: 10_000 })
        .toMatchObject({ valid: true, entries: 3, removed: { sequence: 1 } })
      expect(await subjects()).toEqual(['4 rows up to 1', '3 run_3', '2 run_2'])
    })
  })

  test('a large detail is replaced by its size and hash; text that cannot be stored is mended', async () => {
    await append('run_1', { text: 'x'.repeat(20_000) })
    await append('run\0_2', { half: 'a\uD800b', when: new Date(0), nothing: undefined, nul: '\0' })
    const [second, first] = await listAudit(database.kysely, organisationId, {}, { before: undefined, limit: 2 })
    expect(first?.detail).toEqual({ omitted: { bytes: 20_011, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } })
    expect(second).toMatchObject({
      subject: 'run�_2',
      detail: { half: 'a�b', when: '1970-01-01T00:00:00.000Z', nul: '�' },
    })
    expect(await verify()).toMatchObject({ valid: true })
  })

  test('the log is searched by actor, action and subject, newest first [H4.searchable]', async () => {
    await appendMany(3)
    await audit.record(database.kysely, {
      organisationId,
      environment: null,
      actor: 'user:bob',
      action: 'key.revoked',
      subject: 'run_2',
      detail: {},
    })
    const found = async (filters: Parameters<typeof listAudit>[2]): Promise<number[]> =>
      (await listAudit(database.kysely, organisationId, filters, { before: undefined, limit: 10 })).map(
        ({ sequence }) => sequence,
      )
    expect(await found({ subject: 'run_2' })).toEqual([4, 2])
    expect(await found({ actor: 'user:bob' })).toEqual([4])
    expect(await found({ action: 'run.created', subject: 'run_2' })).toEqual([2])
    expect(await listAudit(database.kysely, 'another', {}, { before: undefined, limit: 10 })).toEqual([])
  })
})
