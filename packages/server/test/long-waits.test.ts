import { createScriptedModel, createToolWorld } from '@causeway/sdk/testing'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { openDatabase } from '../src/database/index.ts'
import { createTestStore, databaseKinds, type TestStore } from '../src/database/testing/index.ts'
import { createLogger } from '../src/telemetry/index.ts'
import { startPlatformProcess } from '../src/testing/platform-process.ts'
import { calls, clerkManifests, worldTool } from '../src/testing/scripted-world.ts'

/** Does something to the database while no platform has it. */
async function between<Result>(
  { url, dataFolder }: TestStore,
  work: (kysely: Awaited<ReturnType<typeof openDatabase>>['kysely']) => Promise<Result>,
): Promise<Result> {
  const database = await openDatabase({ url, dataFolder, logger: createLogger({ level: 'silent' }) })
  try {
    return await work(database.kysely)
  } finally {
    await database.close()
  }
}

describe.each(databaseKinds)('what lasts for days on %s', kind => {
  test(
    'a run that waits for a person holds no place and no job, and goes on six days later in another process [A5.wait-for-days, A1.resume]',
    { timeout: 60_000 },
    async () => {
      await using model = await createScriptedModel({
        respond: ({ messages }) => {
          const last = messages.at(-1)
          if (last?.role !== 'user') return { text: 'Done.' }
          return JSON.stringify(last).includes('pay') ? calls('pay') : { text: 'Good morning.' }
        },
      })
      await using world = await createToolWorld({ tools: { pay: () => ({ paid: true }) } })
      await using store = await createTestStore(kind)
      await using first = await startPlatformProcess(store, { CAUSEWAY_CONCURRENCY: '1' })
      const pay = worldTool(world, 'pay', { effect: 'irreversible', risk: 4 })
      await first.client.manifests.apply({ manifests: clerkManifests(model, [pay]) })
      const run = await first.client.runs.createAndWait({ agent: 'clerk', input: 'pay' })
      expect(run.status).toBe('waiting')
      // The only place is free.
      expect((await first.client.runs.createAndWait({ agent: 'clerk', input: 'hi' })).output).toBe('Good morning.')
      await first.terminate()

      const { rows } = await between(store, async kysely => {
        for (const [table, columns] of Object.entries({
          runs: ['created_at', 'updated_at'],
          approvals: ['created_at', 'escalates_at', 'expires_at'],
        }))
          for (const column of columns)
            await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${sql.ref(column)} - interval '6 days'`.execute(
              kysely,
            )
        return sql`select id from pgboss.job where state in ('created', 'retry', 'active') and data::text like ${`%${run.id}%`}`.execute(
          kysely,
        )
      })
      expect(rows).toEqual([])

      await using second = await startPlatformProcess(store)
      const [approval] = (await second.client.approvals.list({ status: 'pending' })).data
      await second.client.approvals.decide(approval?.id ?? '', { outcome: 'approve' })
      expect(await second.client.runs.wait(run.id)).toMatchObject({ status: 'succeeded', output: 'Done.' })
      expect(world.effects('pay')).toBe(1)
    },
  )

  test(
    'what was said is kept as long as the operator says, and no longer [C6.retention, H4.erasure, H4.legal-hold]',
    { timeout: 60_000 },
    async () => {
      await using model = await createScriptedModel({ respond: () => ({ text: 'Good morning.' }) })
      await using store = await createTestStore(kind)
      await using first = await startPlatformProcess(store)
      await first.client.manifests.apply({ manifests: clerkManifests(model, []) })
      const run = (input: string) => first.client.runs.createAndWait({ agent: 'clerk', input })
      const [old, held, young] = [await run('an old word'), await run('evidence'), await run('a new word')]
      await first.client.sessions.hold(held.sessionId, { reason: 'matter 7' })
      await first.terminate()
      await between(store, async kysely => {
        for (const { id, sessionId } of [old, held]) {
          await sql`update sessions set created_at = created_at - interval '31 days' where id = ${sessionId}`.execute(
            kysely,
          )
          await sql`update runs set ended_at = ended_at - interval '31 days' where id = ${id}`.execute(kysely)
        }
      })

      await using second = await startPlatformProcess(store, { CAUSEWAY_KEEP_SESSIONS_DAYS: '30' })
      const inputs = async (): Promise<string[]> =>
        Promise.all([old, held, young].map(async ({ id }) => (await second.client.runs.get(id)).input))
      await expect.poll(inputs, { timeout: 10_000 }).toEqual(['', 'evidence', 'a new word'])
      expect((await second.client.sessions.events(old.sessionId)).data).toEqual([])
      expect((await second.client.audit.list({ action: 'session.erased' })).data).toMatchObject([
        { actor: 'causeway', subject: old.sessionId },
      ])
    },
  )
})
