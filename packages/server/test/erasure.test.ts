import { describe, expect, test } from 'vitest'
import { databaseKinds } from '../src/database/testing/index.ts'
import { openDatabase } from '../src/database/index.ts'
import { createLogger } from '../src/telemetry/index.ts'
import { calls, startScriptedWorld, type ScriptedWorld } from '../src/testing/scripted-world.ts'

const word = 'Zanzibar-4711'

const start = (kind: (typeof databaseKinds)[number], environment: Record<string, string> = {}) =>
  startScriptedWorld({
    kind,
    environment,
    model: {
      respond: ({ messages }) =>
        messages.at(-1)?.role === 'user' ? calls('pay', word) : { text: `I have paid ${word}.` },
    },
    tools: { pay: ({ order }) => ({ order, note: `for ${word}` }) },
    governance: { pay: { effect: 'irreversible', risk: 3, approval: 'always' } },
  })

/** Where the word stands in the database, as table names. */
async function placesOf({ causeway: { store, platform } }: ScriptedWorld): Promise<string[]> {
  await platform.close()
  const database = await openDatabase({
    url: store.url,
    dataFolder: store.dataFolder,
    logger: createLogger({ level: 'silent' }),
  })
  try {
    const { rows } = await database.pool.query<{ name: string }>(
      `select table_schema || '.' || table_name as name from information_schema.tables
       where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
    )
    const found: string[] = []
    for (const { name } of rows) {
      const hits = await database.pool.query(`select 1 from ${name} as t where t::text like $1 limit 1`, [`%${word}%`])
      if (hits.rows.length > 0) found.push(name)
    }
    return found
  } finally {
    await database.close()
  }
}

async function paidRun({
  causeway: { admin },
}: ScriptedWorld): Promise<{ id: string; sessionId: string; requestedBy: string }> {
  const run = await admin.runs.createAndWait({ agent: 'clerk', input: `Pay ${word}.` })
  const [approval] = (await admin.approvals.list({ runId: run.id })).data
  await admin.approvals.decide(approval?.id ?? '', { outcome: 'approve', comment: 'Yes.' })
  return admin.runs.wait(run.id)
}

describe.each(databaseKinds)('what was said in a session on %s', kind => {
  test('is exported as one file, and erased with its forks everywhere; that it was and what it cost stays [H4.erasure]', async () => {
    await using world = await start(kind)
    const { admin, url, adminKey } = world.causeway
    const run = await paidRun(world)
    const fork = await admin.sessions.fork(run.sessionId, { after: 3 })
    const response = await fetch(`${url}/v1/sessions/${run.sessionId}/export`, {
      headers: { authorization: `Bearer ${adminKey}` },
    })
    expect(response.headers.get('content-disposition')).toContain(run.sessionId)
    const lines = (await response.text())
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { kind: string; type?: string })
    expect(lines.map(({ kind: of }) => of).slice(0, 3)).toEqual(['session', 'run', 'event'])
    expect(lines.findLast(({ kind: of }) => of === 'event')).toMatchObject({ type: 'run-ended' })
    expect(lines.filter(({ kind: of }) => of === 'manifest')).toHaveLength(2)

    await expect(
      world.causeway.clientOf('developer').then(client => client.sessions.erase(run.sessionId)),
    ).rejects.toMatchObject({ code: 'missing-right' })
    expect(await admin.sessions.erase(run.sessionId)).toMatchObject({ sessions: 2, runs: 1 })
    expect(await admin.runs.get(run.id)).toMatchObject({
      input: '',
      output: null,
      status: 'succeeded',
      spent: { steps: 2, toolCalls: 1 },
    })
    expect((await admin.sessions.get(fork.id)).erasedAt).not.toBeNull()
    expect((await admin.sessions.events(run.sessionId)).data).toEqual([])
    await expect(admin.runs.create({ agent: 'clerk', sessionId: run.sessionId, input: 'And?' })).rejects.toMatchObject({
      code: 'conflict',
    })
    const erased = (await admin.audit.list({ action: 'session.erased' })).data[0]
    expect(erased).toMatchObject({ subject: run.sessionId, detail: { sessions: 2 } })
    expect((await admin.audit.verify({})).valid).toBe(true)
    expect(await placesOf(world)).toEqual([])
  })

  test('is erased for a person, and left while a run has not ended [H4.erasure]', async () => {
    await using world = await start(kind)
    const { admin } = world.causeway
    const operator = await world.causeway.clientOf('operator')
    const other = await operator.runs.createAndWait({ agent: 'clerk', input: `Pay ${word}.` })
    const { requestedBy: person, sessionId } = await paidRun(world)
    const open = await admin.runs.createAndWait({ agent: 'clerk', input: `Pay ${word}.` })
    expect(await admin.sessions.erasePerson({ person })).toMatchObject({ sessions: 1, left: 1, more: false })
    expect((await admin.sessions.get(sessionId)).erasedAt).not.toBeNull()
    await expect(admin.sessions.erase(open.sessionId)).rejects.toMatchObject({ code: 'conflict' })
    expect((await admin.runs.get(other.id)).input).toContain(word)
    await admin.runs.cancel(open.id)
    await expect.poll(async () => (await admin.runs.get(open.id)).status, { timeout: 5_000 }).toBe('cancelled')
    expect(await admin.sessions.erasePerson({ person })).toMatchObject({ sessions: 1, left: 0 })
  })

  test('is kept under legal hold, whoever asks to have it erased, until it is released [H4.legal-hold]', async () => {
    await using world = await start(kind)
    const { admin } = world.causeway
    const { id, sessionId, requestedBy: person } = await paidRun(world)
    const reviewer = await world.causeway.clientOf('reviewer')
    const operator = await world.causeway.clientOf('operator')
    await expect(operator.sessions.hold(sessionId, { reason: 'x' })).rejects.toMatchObject({ code: 'missing-right' })
    const fork = await admin.sessions.fork(sessionId, { after: 3 })
    const held = await reviewer.sessions.hold(fork.id, { reason: 'matter 7' })
    expect(held.hold).toMatchObject({ reason: 'matter 7', by: 'key:reviewer-1' })
    expect((await reviewer.sessions.hold(fork.id, { reason: 'another' })).hold).toEqual(held.hold)
    // What it was forked from would take it along.
    for (const each of [fork.id, sessionId])
      await expect(admin.sessions.erase(each)).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining('legal hold (matter 7)'),
      })
    expect(await admin.sessions.erasePerson({ person })).toMatchObject({ sessions: 0, left: 2 })
    expect((await admin.runs.get(id)).input).toContain(word)
    expect((await reviewer.sessions.release(fork.id)).hold).toBeNull()
    expect(await admin.sessions.erase(sessionId)).toMatchObject({ sessions: 2 })
    const actions = (await admin.audit.list({ subject: fork.id })).data.map(({ action }) => action)
    expect(actions).toEqual(['session.released', 'session.held', 'session.forked'])
    await expect(reviewer.sessions.hold(fork.id, { reason: 'late' })).rejects.toMatchObject({ code: 'conflict' })
  })
})
