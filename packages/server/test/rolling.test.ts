import { createScriptedModel, createToolWorld } from '@causeway/sdk/testing'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createTestStore, databaseKinds } from '../src/database/testing/index.ts'
import {
  answerJson,
  chunk,
  fakeUpstream,
  openStream,
  usageChunk,
  writeEvents,
} from '../src/models/testing/fake-upstream.ts'
import { startPlatformProcess, type PlatformProcess } from '../src/testing/platform-process.ts'
import { calls, clerkManifests, worldTool } from '../src/testing/scripted-world.ts'

const runs = 8

/** A balancer as they are: it asks each replica whether it is ready, takes turns among those that are, and repeats nothing. */
function balance(replicas: PlatformProcess[]): { next: () => PlatformProcess } & AsyncDisposable {
  let ready = [...replicas]
  let turn = 0
  const stop = new AbortController()
  const watching = (async () => {
    while (!stop.signal.aborted) {
      const answers = await Promise.all(
        replicas.map(async each => {
          const answer = await fetch(`${each.url}/readyz`).catch(() => undefined)
          return answer?.ok ? [each] : []
        }),
      )
      ready = answers.flat()
      await sleep(100)
    }
  })()
  return {
    next: () => ready[turn++ % ready.length] as PlatformProcess,
    async [Symbol.asyncDispose]() {
      stop.abort()
      await watching
    },
  }
}

test.runIf(databaseKinds.includes('postgresql'))(
  'no request is refused or broken off while replicas are replaced behind a balancer [A4.rolling-deploy, G4.graceful-shutdown]',
  { timeout: 120_000 },
  async () => {
    // A stream takes three seconds, longer than a replica goes on that is told to stop.
    await using provider = await fakeUpstream(async (response, { body }) => {
      if (!body.includes('"stream":true')) return answerJson(response, { ...chunk({}), object: 'chat.completion' })
      openStream(response)
      for (let piece = 0; piece < 30; piece++) {
        writeEvents(response, chunk({ content: 'well ' }))
        await sleep(100)
      }
      writeEvents(response, chunk({}, 'stop'), usageChunk(10, 30), '[DONE]')
      response.end()
    })
    await using store = await createTestStore('postgresql')
    await using parts = new AsyncDisposableStack()
    const start = async () => parts.use(await startPlatformProcess(store, { CAUSEWAY_LEAVE_SECONDS: '1' }))
    const serving = [await start(), await start()]
    const { key, client } = serving[0] as PlatformProcess
    await client.manifests.apply({ manifests: clerkManifests({ baseUrl: `${provider.url}/v1` }, []) })
    await using balancer = balance(serving)
    const stop = new AbortController()
    const failures: string[] = []
    const answered = { whole: 0, streamed: 0, read: 0 }
    const ask = async (what: keyof typeof answered): Promise<void> => {
      const { url } = balancer.next()
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
      const stream = what === 'streamed'
      const body = JSON.stringify({ model: 'clerk', stream, messages: [{ role: 'user', content: 'How are you?' }] })
      const response =
        what === 'read'
          ? await fetch(`${url}/v1/runs`, { headers })
          : await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body })
      const text = await response.text()
      if (!response.ok || (stream && !text.endsWith('data: [DONE]\n\n'))) throw new Error(`${response.status} ${text}`)
      answered[what]++
    }
    const traffic = (['whole', 'streamed', 'read'] as const).map(async what => {
      while (!stop.signal.aborted) await ask(what).catch((error: unknown) => failures.push(`${what}: ${String(error)}`))
    })
    const old = serving.slice()
    for (const each of old) {
      serving.push(await start())
      await sleep(500)
      expect(await each.terminate()).toBe(0)
      serving.shift()
    }
    stop.abort()
    await Promise.all(traffic)
    expect(failures).toEqual([])
    expect(Object.values(answered).every(count => count > 2)).toBe(true)
  },
)

test.runIf(databaseKinds.includes('postgresql'))(
  'runs go on while three replicas are replaced one by one: each is handed over between two steps, and every step is done once [A4.rolling-deploy, A4.drain, I6.replicas]',
  { timeout: 120_000 },
  async () => {
    // The runs last until all replicas are new, whatever time that takes.
    let replaced = false
    await using model = await createScriptedModel({
      respond: ({ messages }) => {
        const results = messages.filter(({ role }) => role === 'tool').length
        return replaced ? { text: `${results} paid` } : calls('pay', `order-${results}`)
      },
    })
    await using world = await createToolWorld({
      tools: { pay: () => ({ paid: true }) },
      faults: { pay: Array.from({ length: 5000 }, () => ({ delayMs: 150 })) },
    })
    await using store = await createTestStore('postgresql')
    await using replicas = new AsyncDisposableStack()
    // What two replicas may do at a time is less than there is to do, so that each of the three has a part.
    const start = async () => replicas.use(await startPlatformProcess(store, { CAUSEWAY_CONCURRENCY: '3' }))
    const first = await start()
    const old = [first, await start(), await start()]
    const serving: PlatformProcess[] = [...old]
    const pay = worldTool(world, 'pay', { effect: 'write', risk: 1 })
    await first.client.manifests.apply({ manifests: clerkManifests(model, [pay], { steps: 1000, toolCalls: 1000 }) })
    const created = await Promise.all(
      Array.from({ length: runs }, () => first.client.runs.create({ agent: 'clerk', input: 'pay all' })),
    )
    for (const replica of old) {
      await sleep(500)
      serving.push(await start())
      serving.shift()
      const begun = performance.now()
      expect(await replica.terminate()).toBe(0)
      // Not the twenty seconds that work may take which cannot be left.
      expect(performance.now() - begun).toBeLessThan(10_000)
    }
    replaced = true
    const client = (serving[0] as PlatformProcess).client
    const workers = new Set<string>()
    let [paid, handedOver] = [0, 0]
    for (const { id } of created) {
      await expect.poll(async () => (await client.runs.get(id)).status, { timeout: 60_000 }).toBe('succeeded')
      const events = await client.runs.events(id)
      const outcomes = events.flatMap(event => (event.type === 'tool-responded' ? [event.data.outcome] : []))
      expect(outcomes).toEqual(outcomes.map(() => 'completed'))
      expect(events.at(-1)).toMatchObject({ type: 'run-ended', data: { output: `${outcomes.length} paid` } })
      const own = events.flatMap(event => (event.type === 'segment-started' ? [event.data.replica] : []))
      if (new Set(own).size > 1) handedOver++
      for (const each of own) workers.add(each)
      paid += outcomes.length
    }
    expect(world.effects('pay')).toBe(paid)
    expect(world.calls).toHaveLength(paid)
    expect(workers.size).toBeGreaterThan(3)
    expect(handedOver).toBeGreaterThanOrEqual(3)
  },
)
