import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EventData, ManifestInput, SessionEvent, ToolSpec } from '@causeway/contracts'
import type { Client } from '@causeway/sdk'
import { createScriptedModel, type ScriptedModel } from '@causeway/sdk/testing'
import { describe, expect, test } from 'vitest'
import { anyKind, createTestStore, databaseKinds } from '../src/database/testing/index.ts'
import { startPlatformProcess } from '../src/testing/platform-process.ts'
import { calls, clerkManifests } from '../src/testing/scripted-world.ts'
import { startTestPlatform } from '../src/testing/start-test-platform.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** A tool that answers as it is told; it keeps what it was sent. */
async function toolServer(answer: Answer) {
  const requests: { method: string; path: string; headers: IncomingMessage['headers'] }[] = []
  const server = createServer((request, response) => {
    requests.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers })
    request.resume()
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    requests,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

const json = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void =>
  void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

type Http = Extract<ToolSpec['implementation'], { type: 'http' }>

const pack = (
  url: string,
  implementation: Partial<Http>,
  spec: Partial<Omit<ToolSpec, 'implementation'>> = {},
): ManifestInput => ({
  kind: 'Tool',
  name: 'pack',
  spec: {
    description: 'Has an order packed.',
    input: { type: 'object', properties: { order: { type: 'string' } }, required: ['order'] },
    output: { type: 'object', properties: { parcels: { type: 'integer' } }, required: ['parcels'] },
    effect: 'write',
    risk: 1,
    timeoutSeconds: 2,
    ...spec,
    implementation: { type: 'http', method: 'POST', url: `${url}/pack`, ...implementation },
  },
})

const packs = (): Promise<ScriptedModel> =>
  createScriptedModel({
    respond: ({ messages }) => (messages.at(-1)?.role === 'user' ? calls('pack') : { text: 'Packed.' }),
  })

const responded = (events: readonly SessionEvent[]): EventData<'tool-responded'>[] =>
  events.flatMap(({ type, data }) => (type === 'tool-responded' ? [data] : []))

const told = (model: ScriptedModel): unknown => model.requests.at(-1)?.messages.at(-1)

async function waits(client: Client, runId: string): Promise<void> {
  for (const giveUpAt = Date.now() + 20_000; (await client.runs.get(runId)).status !== 'waiting'; await sleep(20))
    if (Date.now() > giveUpAt) throw new Error('the run does not wait')
}

const post = (url: string, body: unknown): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

const callback = { async: { by: 'callback', atMostSeconds: 600, everySeconds: 10 } } as const

describe.each(databaseKinds)('a tool that answers later on %s', kind => {
  test('sends its result: the run waits for it, holds nothing, and takes one good result [B3.async-execution, E2.labels]', async () => {
    await using model = await packs()
    await using tool = await toolServer((_request, response) => json(response, 202, {}))
    await using causeway = await startTestPlatform({ kind })
    await causeway.apply(...clerkManifests(model, [pack(tool.url, callback)]))
    const { admin } = causeway
    const run = await admin.runs.create({ agent: 'clerk', input: 'Pack order 1042.' })
    await waits(admin, run.id)

    const url = String(tool.requests[0]?.headers['causeway-callback-url'])
    expect(url.startsWith(`${causeway.url}/v1/tool-callbacks/`)).toBe(true)
    const forged = `${url.slice(0, -2)}xx`
    expect((await post(forged, { output: { parcels: 9 } })).status).toBe(404)
    const unfit = await post(url, { output: { parcels: 'two' } })
    expect(unfit.status).toBe(400)
    expect(await unfit.json()).toMatchObject({ code: 'invalid-request', detail: expect.stringContaining('/parcels') })
    expect((await post(url, {})).status).toBe(400)
    const sent = await Promise.all([1, 2, 3].map(parcels => post(url, { output: { parcels, note: 'At the door.' } })))
    expect(sent.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([204, 409, 409])

    expect(await admin.runs.wait(run.id)).toMatchObject({ status: 'succeeded', output: 'Packed.' })
    const events = await admin.runs.events(run.id)
    const [result, ...others] = responded(events)
    expect(others).toEqual([])
    expect(result).toMatchObject({ outcome: 'completed', label: { integrity: 'untrusted', origins: ['pack'] } })
    expect(told(model)).toMatchObject({ role: 'tool', content: JSON.stringify(result?.output) })
    expect(tool.requests).toHaveLength(1)
    expect((await post(url, { output: { parcels: 1 } })).status).toBe(409)
  })

  test('is asked for its result until that is there [B3.async-execution]', async () => {
    await using model = await packs()
    let asked = 0
    await using tool = await toolServer(({ method }, response) => {
      if (method === 'POST') return json(response, 202, {}, { location: '/results/7', 'retry-after': '1' })
      if (++asked === 1) return json(response, 503, {})
      return asked === 2 ? json(response, 202, {}) : json(response, 200, { parcels: 2 })
    })
    await using causeway = await startTestPlatform({ kind })
    const async = { by: 'poll', atMostSeconds: 600, everySeconds: 1 } as const
    await causeway.apply(...clerkManifests(model, [pack(tool.url, { async })]))
    const run = await causeway.admin.runs.createAndWait({ agent: 'clerk', input: 'Pack order 1042.' })
    const ended = run.status === 'waiting' ? await settled(causeway.admin, run.id) : run
    expect(ended).toMatchObject({ status: 'succeeded' })
    expect(responded(await causeway.admin.runs.events(run.id))).toMatchObject([
      { outcome: 'completed', output: { parcels: 2 } },
    ])
    expect(tool.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /pack',
      'GET /results/7',
      'GET /results/7',
      'GET /results/7',
    ])
  })

  test(
    'and whose platform dies meanwhile is not called again [B3.async-execution, A4.no-repeated-effects]',
    { timeout: 60_000 },
    async () => {
      await using model = await packs()
      await using tool = await toolServer((_request, response) => json(response, 202, {}))
      await using store = await createTestStore(kind)
      await using first = await startPlatformProcess(store)
      await first.client.manifests.apply({ manifests: clerkManifests(model, [pack(tool.url, callback)]) })
      const run = await first.client.runs.create({ agent: 'clerk', input: 'Pack order 1042.' })
      await waits(first.client, run.id)
      await first.crash()

      await using second = await startPlatformProcess(store)
      const path = new URL(String(tool.requests[0]?.headers['causeway-callback-url'])).pathname
      expect((await post(`${second.url}${path}`, { output: { parcels: 2 } })).status).toBe(204)
      expect(await settled(second.client, run.id)).toMatchObject({ status: 'succeeded' })
      expect(tool.requests).toHaveLength(1)
    },
  )
})

/** The run when it has ended; at most 20 s. */
async function settled(client: Client, runId: string) {
  for (const giveUpAt = Date.now() + 20_000; Date.now() < giveUpAt; await sleep(50)) {
    const run = await client.runs.get(runId)
    if (run.endedAt) return run
  }
  throw new Error('the run does not end')
}

test.each([
  ['write', 'unknown'],
  ['read', 'failed'],
] as const)(
  'a result of a %s that does not come in time makes its outcome %s [B3.async-execution, A4.no-repeated-effects]',
  async (effect, outcome) => {
    await using model = await packs()
    await using tool = await toolServer((_request, response) => json(response, 202, {}))
    await using causeway = await startTestPlatform({ kind: anyKind })
    const late = { async: { ...callback.async, atMostSeconds: 1 } }
    await causeway.apply(...clerkManifests(model, [pack(tool.url, late, { effect })]))
    const { id } = await causeway.admin.runs.create({ agent: 'clerk', input: 'Pack order 1042.' })
    await settled(causeway.admin, id)
    expect(responded(await causeway.admin.runs.events(id))).toMatchObject([
      { outcome, error: { code: 'tool-timeout' } },
    ])
  },
)

test('a place for the result on another host is not looked at [B3.async-execution, B7.ssrf]', async () => {
  await using model = await packs()
  await using other = await toolServer((_request, response) => json(response, 200, { parcels: 2 }))
  await using tool = await toolServer((_request, response) =>
    json(response, 202, {}, { location: `${other.url}/results/7`, 'retry-after': '1' }),
  )
  await using causeway = await startTestPlatform({ kind: anyKind })
  const async = { by: 'poll', atMostSeconds: 600, everySeconds: 1 } as const
  await causeway.apply(...clerkManifests(model, [pack(tool.url, { async })]))
  const { id } = await causeway.admin.runs.createAndWait({ agent: 'clerk', input: 'Pack order 1042.' })
  expect(responded(await causeway.admin.runs.events(id))).toMatchObject([{ outcome: 'unknown' }])
  expect(other.requests).toEqual([])
})

describe('an outcome that nobody knows is asked for', () => {
  test.each([
    ['completed', { state: 'completed', output: { parcels: 2 } }, { outcome: 'completed', output: { parcels: 2 } }],
    ['failed', { state: 'failed', message: 'No.' }, { outcome: 'failed', error: { message: 'No.' } }],
    ['unknown', { state: 'unknown' }, { outcome: 'unknown' }],
    ['something else', { parcels: 2 }, { outcome: 'unknown' }],
  ])(
    'and is what the tool says: %s [B3.retry-only-idempotent, A4.no-repeated-effects]',
    { timeout: 30_000 },
    async (_what, said, expected) => {
      await using model = await packs()
      await using tool = await toolServer(({ method }, response) =>
        method === 'POST' ? void response.destroy() : json(response, 200, said),
      )
      await using causeway = await startTestPlatform({ kind: anyKind })
      const reconcile = { url: `${tool.url}/calls/{order}` }
      await causeway.apply(...clerkManifests(model, [pack(tool.url, { reconcile })]))
      const { id } = await causeway.admin.runs.createAndWait({ agent: 'clerk', input: 'Pack order 1042.' })
      expect(responded(await causeway.admin.runs.events(id))).toMatchObject([expected])
      const [call, ...asked] = tool.requests
      expect(asked.every(({ method, path }) => method === 'GET' && path === '/calls/1042')).toBe(true)
      expect(new Set(asked.map(({ headers }) => headers['idempotency-key']))).toEqual(
        new Set([call?.headers['idempotency-key']]),
      )
    },
  )
})
