import type { ServerResponse } from 'node:http'
import { CausewayError, type WorkerResult } from '@causeway/contracts'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { createClient } from '../client/create-client.ts'
import { tool } from '../define-tool.ts'
import { listen, readJson, sendJson } from '../testing/listen.ts'
import { worker } from './start-worker.ts'

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise(resolve => setTimeout(resolve, 5))
}

interface HubOptions {
  /** Statuses of the answers to results, in order; 204 after the last. */
  resultStatuses?: number[]
  /** What the Date header says, in milliseconds ahead of the real time. */
  clockAheadMs?: number
  refuse?: CausewayError
}

/** The side of the platform in the worker protocol. */
async function startHub({ resultStatuses = [], clockAheadMs = 0, refuse }: HubOptions = {}) {
  const connections: { tools: string | null; stream: ServerResponse }[] = []
  const results: (WorkerResult & { workerId: string })[] = []
  const open = new Set<string>()
  let draining = false
  const settle = (callId?: string): void => {
    if (callId !== undefined) open.delete(callId)
    if (draining && open.size === 0) connections.at(-1)?.stream.end()
  }
  const server = await listen(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://hub')
    const [, , , workerId = '', action] = url.pathname.split('/')
    const body = await readJson(request)
    if (refuse) return sendJson(response, refuse.status, refuse.toProblem())
    if (workerId === 'connect') {
      const date = new Date(Date.now() + clockAheadMs).toUTCString()
      response.writeHead(200, { 'content-type': 'text/event-stream', date })
      connections.push({ tools: url.searchParams.get('tools'), stream: response })
      response.write(`event: ready\ndata: {"workerId":"worker-${connections.length}"}\n\n`)
      return
    }
    if (action === 'drain') {
      draining = true
      response.writeHead(204).end()
      return settle()
    }
    results.push({ ...(body as WorkerResult), workerId })
    const status = resultStatuses.shift() ?? 204
    if (status !== 204)
      return sendJson(response, status, new CausewayError('database-unavailable', 'Later.').toProblem())
    response.writeHead(204).end()
    settle((body as WorkerResult).callId)
  })
  return {
    connections,
    results,
    client: createClient({ baseUrl: server.url, maxRetries: 0 }),
    call(name: string, values: object, { callId = `call-${name}`, deadlineMs = 10_000 } = {}) {
      open.add(callId)
      setTimeout(() => settle(callId), deadlineMs).unref()
      const deadline = new Date(Date.now() + clockAheadMs + deadlineMs).toISOString()
      const data = { callId, tool: name, arguments: values, idempotencyKey: `key-${callId}`, runId: 'run_1', deadline }
      connections.at(-1)?.stream.write(`event: call\ndata: ${JSON.stringify(data)}\n\n`)
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

const echo = tool({
  name: 'echo',
  description: 'Says it again',
  input: z.strictObject({ text: z.string() }),
  execute: ({ text }, { idempotencyKey, runId }) => {
    if (text === 'bigint') return 1n
    return { text, idempotencyKey, runId }
  },
})

test('calls are checked, carried out and answered; what fails is told [B4.worker, I1.sdk]', async () => {
  await using hub = await startHub()
  const lines: string[] = []
  await using serving = worker({ client: hub.client, tools: [echo], log: line => lines.push(line) })
  await serving.connected
  expect(hub.connections[0]?.tools).toBe('echo')
  hub.call('echo', { text: 'hi' }, { callId: '1' })
  hub.call('echo', { txet: 'secret' }, { callId: '2' })
  hub.call('echo', { text: 'bigint' }, { callId: '3' })
  hub.call('other', {}, { callId: '4' })
  await until(() => hub.results.length === 4)
  expect(hub.results.toSorted((one, other) => one.callId.localeCompare(other.callId))).toMatchObject([
    { callId: '1', outcome: 'completed', output: { text: 'hi', idempotencyKey: 'key-1', runId: 'run_1' } },
    { callId: '2', outcome: 'failed', message: expect.stringMatching(/do not fit: \/text expected/) },
    { callId: '3', outcome: 'failed', message: expect.stringContaining('BigInt') },
    { callId: '4', outcome: 'failed', message: 'This worker does not serve other.' },
  ])
  expect(lines.join()).not.toMatch(/secret|hi/)
})

test('no more calls run at a time than told, and closing takes none of them away [B4.worker]', async () => {
  await using hub = await startHub()
  let now = 0
  let most = 0
  const release = Promise.withResolvers<void>()
  const slow = tool({
    name: 'slow',
    description: 'Waits',
    input: z.object({}),
    execute: async () => {
      most = Math.max(most, ++now)
      await release.promise
      now -= 1
      return null
    },
  })
  const serving = worker({ client: hub.client, tools: [slow], concurrency: 2 })
  await serving.connected
  for (const callId of ['1', '2', '3', '4', '5']) hub.call('slow', {}, { callId })
  await until(() => now === 2)
  const closed = serving.close()
  release.resolve()
  await closed
  expect(most).toBe(2)
  expect(hub.results.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 5 }, () => 'completed'))
  expect(hub.connections).toHaveLength(1)
})

test('a lost connection is made again, and a result is sent again until it is taken [B4.worker-reconnect]', async () => {
  await using hub = await startHub({ resultStatuses: [503] })
  await using serving = worker({ client: hub.client, tools: [echo] })
  await serving.connected
  hub.connections[0]?.stream.destroy()
  await until(() => hub.connections.length === 2)
  hub.call('echo', { text: 'again' })
  await until(() => hub.results.length === 2)
  expect(hub.results.map(({ workerId, outcome }) => [workerId, outcome])).toEqual([
    ['worker-2', 'completed'],
    ['worker-2', 'completed'],
  ])
})

test('at its deadline a call is aborted and gives up its place, whatever its function does; the clock is that of the platform', async () => {
  await using hub = await startHub({ clockAheadMs: -3_600_000 })
  const aborted: unknown[] = []
  const stuck = tool({
    name: 'stuck',
    description: 'Never ends',
    input: z.object({}),
    execute: (_values, { signal }) => {
      signal.addEventListener('abort', () => aborted.push(signal.reason))
      return new Promise<never>(() => undefined)
    },
  })
  await using serving = worker({ client: hub.client, tools: [stuck, echo], concurrency: 1 })
  await serving.connected
  // HTTP dates are exact to the second only.
  hub.call('stuck', {}, { deadlineMs: 1500 })
  hub.call('echo', { text: 'after' })
  await until(() => hub.results.length === 1)
  expect(hub.results[0]).toMatchObject({ callId: 'call-echo', outcome: 'completed' })
  expect(aborted).toMatchObject([{ name: 'TimeoutError' }])
})

test('a worker that the platform refuses says so and ends; one that is closed before it is connected ends', async () => {
  await using hub = await startHub({ refuse: new CausewayError('missing-right', 'The key may not serve tools.') })
  const refused = worker({ client: hub.client, tools: [echo] })
  await expect(refused.connected).rejects.toMatchObject({ code: 'missing-right' })
  await refused.close()

  await using silent = await listen(async () => undefined)
  const early = worker({ client: createClient({ baseUrl: silent.url }), tools: [echo] })
  await early.close()
  await expect(early.connected).rejects.toThrow('closed before it was connected')
  expect(() => worker({ client: hub.client, tools: [] })).toThrow('at least one tool')
})
