import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { createClient } from '@causeway/sdk'
import type { Measurement } from '../measurement.ts'
import { figureAlone, percentile } from '../measurement.ts'
import { startServer, type MeasuredServer } from './child.ts'
import { sendLoad } from './load.ts'

const minutes = 10
const betweenLooksMs = 5_000
/** Streams that are cut at once, and how often. */
const storm = { clients: 128, rounds: 100 }

const bodyFor = (model: string, stream: boolean): Buffer =>
  Buffer.from(
    JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Where is my order? '.repeat(50) }] }),
  )

/** Ten minutes at half of what is possible, with streams, errors and clients that leave, and before that storms of clients that all leave at once. */
export async function gatewaySoak(): Promise<Measurement[]> {
  await using parts = new AsyncDisposableStack()
  // Streams take a quarter of a second, so that clients can leave in the middle of them.
  const provider = parts.use(await startServer('./mock-provider.ts', '5'))
  const gateway = parts.use(await startServer('./causeway-gateway.ts', provider.url))
  const idle = await settledUsage(gateway)

  tell(`${storm.rounds} storms of ${storm.clients} streams that are cut at once`)
  for (let round = 0; round < storm.rounds; round++)
    await Promise.all(Array.from({ length: storm.clients }, () => cutStream(gateway)))
  const afterStorms = await settledUsage(gateway)

  tell('how much is possible')
  const most = await sendLoad({ ...callOf(gateway, 'chat', false), requests: 20_000, concurrency: 64 })
  const perSecond = Math.round(20_000 / most.seconds / 2)
  tell(`${minutes} minutes at ${perSecond} requests a second`)
  const before = await settledUsage(gateway)
  const { memory, sent } = await soak(gateway, perSecond)
  const after = await settledUsage(gateway)

  const figure = (what: string, metric: string, value: number, unit: string, runs = 1): Measurement =>
    figureAlone({ bench: 'gateway-soak', case: what, metric, value, unit, runs })
  const cuts = storm.rounds * storm.clients
  const storms = `${storm.rounds} storms`
  const soaked = `${minutes} minutes`
  const fifth = Math.floor(memory.length / 5)
  const median = (looks: Look[]): number =>
    percentile(
      looks.map(({ mebibytes }) => mebibytes),
      0.5,
    )
  return [
    figure(storms, 'calls without a record', cuts - (afterStorms.requests - idle.requests), 'calls', cuts),
    figure(storms, 'reserved and not settled', afterStorms.unsettledNanoUsd, 'nano-USD', cuts),
    figure(storms, 'calls still counted as under way', afterStorms.concurrent, 'calls', cuts),
    figure(storms, 'descriptors left', afterStorms.descriptors - idle.descriptors, 'descriptors', cuts),
    figure(soaked, 'rate', perSecond, '1/s', sent.all),
    figure(soaked, 'calls without a record', sent.all - (after.requests - before.requests), 'calls', sent.all),
    figure(soaked, 'failed that should not', sent.failed, 'calls', sent.all),
    figure(soaked, 'reserved and not settled', after.unsettledNanoUsd, 'nano-USD', sent.all),
    figure(soaked, 'calls still counted as under way', after.concurrent, 'calls', sent.all),
    figure(soaked, 'descriptors left', after.descriptors - before.descriptors, 'descriptors', sent.all),
    figure(soaked, 'memory, second fifth', median(memory.slice(fifth, 2 * fifth)), 'MiB', fifth),
    figure(soaked, 'memory, last fifth', median(memory.slice(-fifth)), 'MiB', fifth),
    figure(soaked, 'memory slope after a fifth', slopePerMinute(memory.slice(fifth)), 'MiB/min', memory.length - fifth),
  ]
}

interface Look {
  minute: number
  mebibytes: number
}

async function soak(
  gateway: MeasuredServer,
  perSecond: number,
): Promise<{ memory: Look[]; sent: { all: number; failed: number } }> {
  const startedAt = performance.now()
  const memory: Look[] = []
  const requests = Math.round(perSecond * 60 * minutes)
  // Of twenty: one fails at the provider, one client leaves, five are streams.
  const parts = { failing: requests / 20, leaving: requests / 20, streams: requests / 4, plain: (requests * 13) / 20 }
  const share = (count: number): { requests: number; perSecond: number } => ({
    requests: Math.round(count),
    perSecond: (perSecond * count) / requests,
  })
  const stopped = new AbortController()
  const watching = watch()
  const [plain, streams, failing, leaving] = await Promise.all([
    sendLoad({ ...callOf(gateway, 'chat', false), ...share(parts.plain), concurrency: 256 }),
    sendLoad({ ...callOf(gateway, 'chat', true), ...share(parts.streams), concurrency: 512 }),
    sendLoad({ ...callOf(gateway, 'down', false), ...share(parts.failing), concurrency: 512 }),
    leaveAtRate(gateway, share(parts.leaving)),
  ])
  stopped.abort()
  await watching
  const all = [parts.plain, parts.streams, parts.failing].reduce((sum, count) => sum + Math.round(count), 0) + leaving
  const unexpected = Math.round(parts.failing) - failing.failed
  return { memory, sent: { all, failed: plain.failed + streams.failed + unexpected } }

  async function watch(): Promise<void> {
    while (!stopped.signal.aborted) {
      const { memoryBytes } = await gateway.usage()
      memory.push({ minute: (performance.now() - startedAt) / 60_000, mebibytes: memoryBytes / 2 ** 20 })
      await wait(betweenLooksMs, undefined, { signal: stopped.signal }).catch(() => {})
    }
  }
}

async function leaveAtRate(
  gateway: MeasuredServer,
  { requests, perSecond }: { requests: number; perSecond: number },
): Promise<number> {
  const startedAt = performance.now()
  const leaving: Promise<void>[] = []
  for (let number = 0; number < requests; number++) {
    await wait(Math.max(0, startedAt + (number / perSecond) * 1000 - performance.now()))
    leaving.push(cutStream(gateway))
  }
  await Promise.all(leaving)
  return requests
}

/** A client on a connection of its own that leaves when the first of a stream has come. */
async function cutStream({ url, headers }: MeasuredServer): Promise<void> {
  const sent = request(`${url}/v1/chat/completions`, {
    method: 'POST',
    agent: false,
    headers: { ...headers, 'content-type': 'application/json' },
  })
  sent.end(bodyFor('chat', true))
  const [answer]: IncomingMessage[] = await once(sent, 'response')
  if (answer) await once(answer, 'data')
  sent.on('error', () => {})
  answer?.on('error', () => {})
  sent.destroy()
}

const callOf = ({ url, headers }: MeasuredServer, model: string, stream: boolean) => ({
  url: `${url}/v1/chat/completions`,
  headers: { 'content-type': 'application/json', ...headers },
  body: bodyFor(model, stream),
})

interface SettledUsage {
  requests: number
  /** In the books of the budget beyond what the calls cost. */
  unsettledNanoUsd: number
  concurrent: number
  descriptors: number
}

/** What there is when nothing is under way any more: waited for until it stays the same, a minute at the most. */
async function settledUsage(gateway: MeasuredServer): Promise<SettledUsage> {
  const client = createClient({
    baseUrl: gateway.url,
    apiKey: String(gateway.headers['authorization']).replace('Bearer ', ''),
  })
  let before: SettledUsage | undefined
  for (let look = 0; look < 12; look++) {
    await wait(betweenLooksMs)
    const { total, budgets } = await client.usage()
    const used = budgets[0]?.used ?? { nanoUsd: 0, concurrent: 0 }
    const { descriptors } = await gateway.usage()
    const now = {
      requests: total.requests,
      unsettledNanoUsd: used.nanoUsd - total.nanoUsd,
      concurrent: used.concurrent,
      descriptors,
    }
    if (before && JSON.stringify(before) === JSON.stringify(now)) return now
    before = now
  }
  return before ?? { requests: 0, unsettledNanoUsd: 0, concurrent: 0, descriptors: 0 }
}

/** The slope of the line that fits best (least squares). */
function slopePerMinute(looks: readonly Look[]): number {
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const minute = mean(looks.map(look => look.minute))
  const mebibytes = mean(looks.map(look => look.mebibytes))
  const above = looks.reduce((sum, look) => sum + (look.minute - minute) * (look.mebibytes - mebibytes), 0)
  return above / looks.reduce((sum, look) => sum + (look.minute - minute) ** 2, 0)
}

const tell = (what: string): boolean => process.stderr.write(`${what} …\n`)
