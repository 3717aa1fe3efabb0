import { createScriptedModel, createToolWorld } from '@causeway/sdk/testing'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createTestStore, databaseKinds } from '../src/database/testing/index.ts'
import { startPlatformProcess, type PlatformProcess } from '../src/testing/platform-process.ts'
import { calls, clerkManifests, worldTool } from '../src/testing/scripted-world.ts'

const steps = 12
const runs = 8

test.runIf(databaseKinds.includes('postgresql'))(
  'runs go on while three replicas are replaced one by one: each step is done once, and they share the work [A4.rolling-deploy, A4.drain, I6.replicas]',
  { timeout: 120_000 },
  async () => {
    await using model = await createScriptedModel({
      respond: ({ messages }) => {
        const results = messages.filter(({ role }) => role === 'tool').length
        return results < steps ? calls('pay', `order-${results}`) : { text: `${results} paid` }
      },
    })
    await using world = await createToolWorld({
      tools: { pay: () => ({ paid: true }) },
      faults: { pay: Array.from({ length: steps * runs }, () => ({ delayMs: 150 })) },
    })
    await using store = await createTestStore('postgresql')
    await using replicas = new AsyncDisposableStack()
    // What a replica may do at a time is less than there is to do, so that each of them takes a part.
    const start = async () => replicas.use(await startPlatformProcess(store, { CAUSEWAY_CONCURRENCY: '2' }))
    const first = await start()
    const old = [first, await start(), await start()]
    const serving: PlatformProcess[] = [...old]
    const pay = worldTool(world, 'pay', { effect: 'write', risk: 1 })
    await first.client.manifests.apply({ manifests: clerkManifests(model, [pay], { steps: 50, toolCalls: 50 }) })
    const created = await Promise.all(
      Array.from({ length: runs }, () => first.client.runs.create({ agent: 'clerk', input: 'pay all' })),
    )
    for (const replica of old) {
      await sleep(500)
      serving.push(await start())
      serving.shift()
      expect(await replica.terminate()).toBe(0)
      await Promise.all(serving.map(({ client }) => client.runs.list()))
    }
    const client = (serving[0] as PlatformProcess).client
    const workers = new Set<string>()
    for (const { id } of created) {
      await expect.poll(async () => (await client.runs.get(id)).status, { timeout: 60_000 }).toBe('succeeded')
      const events = await client.runs.events(id)
      expect(events.at(-1)).toMatchObject({ type: 'run-ended', data: { output: `${steps} paid` } })
      const ended = events.flatMap(event => (event.type === 'tool-responded' ? [event.data.outcome] : []))
      expect(ended).toEqual(Array.from({ length: steps }, () => 'completed'))
      for (const event of events) if (event.type === 'segment-started') workers.add(event.data.replica)
    }
    expect(world.effects('pay')).toBe(steps * runs)
    expect(world.calls).toHaveLength(steps * runs)
    // How many of the new ones had a part depends on how fast they come up.
    expect(workers.size).toBeGreaterThanOrEqual(3)
  },
)
