import { expect, test } from 'vitest'
import { databaseKinds } from '../src/database/testing/index.ts'
import { openDatabase } from '../src/database/index.ts'
import { createLogger } from '../src/telemetry/index.ts'
import { calls, startScriptedWorld } from '../src/testing/scripted-world.ts'

test.runIf(databaseKinds.includes('postgresql'))(
  'a replica that was taken over from gives the call of a model up that it has begun, and nothing of it is kept [A4.fenced]',
  async () => {
    await using parts = new AsyncDisposableStack()
    const takeOver = { now: async (): Promise<void> => {} }
    await using world = await startScriptedWorld({
      kind: 'postgresql',
      model: { turns: [calls('lookup'), { fault: 'hang' }] },
      tools: {
        lookup: async () => {
          await takeOver.now()
          return { found: true }
        },
      },
    })
    const { admin, adminKey, url, store } = world.causeway
    const database = parts.adopt(
      await openDatabase({ ...store, logger: createLogger({ level: 'silent' }) }),
      async each => each.close(),
    )
    takeOver.now = async () => void (await database.pool.query('update runs set fence = fence + 1'))

    const run = await admin.runs.create({ agent: 'clerk', input: 'look' })
    await expect.poll(() => world.world.calls.length).toBe(1)
    const worked = async (): Promise<string> =>
      (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${adminKey}` } })).text()
    // The model never answers: only what was lost can end the call.
    await expect.poll(worked).toMatch(/^causeway_runs_active 0$/m)
    const events = await admin.runs.events(run.id)
    expect(events.map(({ type }) => type)).toEqual(['run-created', 'segment-started', 'model-responded', 'tool-called'])
    expect(world.model.requests.length).toBeLessThanOrEqual(2)
    expect((await admin.runs.get(run.id)).status).toBe('running')
  },
)
