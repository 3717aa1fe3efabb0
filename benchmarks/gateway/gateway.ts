import { spawnSync } from 'node:child_process'
import { findPostgresBinaries } from '../../packages/server/src/database/testing/postgres-binaries.ts'
import { createPostgresDatabase } from '../../packages/server/src/database/testing/postgres-database.ts'
import { startPostgres } from '../../packages/server/src/database/testing/postgres-server.ts'
import { percentile, type Measurement } from '../measurement.ts'
import { startServer, type MeasuredServer } from './child.ts'
import { sendLoad } from './load.ts'

interface Case {
  name: string
  streamed: boolean
  body: Buffer
  requests: number
  concurrency: number
}

const rounds = 8
/** Requests to each server before any counts: so many it takes until what is hot has been compiled for good, as it is in a server that runs for days. */
const warmUp = 20_000
const text = 'Please tell me where my order is and whether I can still change the address of it. '

/** A request of about so many bytes, in messages of about 1 KB. */
function bodyOf(bytes: number, streamed: boolean): Buffer {
  const messages = Array.from({ length: Math.max(1, Math.round(bytes / 2048)) }, (_, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content: text.repeat(Math.ceil(Math.min(bytes, 2048) / text.length)),
  }))
  return Buffer.from(JSON.stringify({ model: 'chat', messages, temperature: 0.2, max_tokens: 500, stream: streamed }))
}

const oneKilobyte: Case = {
  name: '1 KB',
  streamed: false,
  body: bodyOf(1024, false),
  requests: 3000,
  concurrency: 64,
}
const cases: readonly Case[] = [
  oneKilobyte,
  { name: '16 KB', streamed: false, body: bodyOf(16 * 1024, false), requests: 2000, concurrency: 64 },
  { name: '128 KB', streamed: false, body: bodyOf(128 * 1024, false), requests: 800, concurrency: 64 },
  { name: 'stream of 50', streamed: true, body: bodyOf(1024, true), requests: 800, concurrency: 128 },
]

interface Taken {
  perSecond: number
  cpuMicroseconds: number
  firstByte: number[]
}

async function take(name: string, server: MeasuredServer, { body, requests, concurrency }: Case): Promise<Taken> {
  const before = await server.usage()
  const { seconds, firstByte, failed, failure } = await sendLoad({
    url: `${server.url}/v1/chat/completions`,
    headers: { 'content-type': 'application/json', ...server.headers },
    body,
    requests,
    concurrency,
  })
  if (isTooMany(name, failed, requests))
    throw new Error(`${name}: ${failed} of ${requests} requests failed, the first with: ${failure}`)
  const after = await server.usage()
  return {
    perSecond: requests / seconds,
    cpuMicroseconds: (after.cpuMicroseconds - before.cpuMicroseconds) / requests,
    firstByte,
  }
}

/** Ours loses none. The proxy of Go's library now and then closes a connection without an answer, which spoils no comparison. */
const isTooMany = (name: string, failed: number, requests: number): boolean =>
  failed > (name.startsWith('causeway') ? 0 : requests / 100)

/** The gateway with all features on, beside a proxy without any and that of Portkey, over a provider that answers at once. */
export async function gateway(): Promise<Measurement[]> {
  await using parts = new AsyncDisposableStack()
  const provider = parts.use(await startServer('./mock-provider.ts'))
  const databaseUrl = await postgresqlUrl(parts)
  const servers: Record<string, MeasuredServer> = {
    bare: parts.use(await startServer('./bare-proxy.ts', provider.url)),
    causeway: parts.use(await startServer('./causeway-gateway.ts', provider.url)),
    ...(databaseUrl !== undefined && {
      [onPostgresql]: parts.use(await startServer('./causeway-gateway.ts', provider.url, databaseUrl)),
    }),
    portkey: parts.use(await startServer('./portkey-gateway.ts', provider.url)),
    ...(hasGo() && { go: parts.use(await startServer('./go-proxy.ts', provider.url)) }),
  }
  for (const [name, server] of Object.entries(servers)) await take(name, server, { ...oneKilobyte, requests: warmUp })
  const measurements: Measurement[] = []
  for (const each of cases) {
    const taken: Record<string, Taken[]> = {}
    for (let round = 0; round <= rounds; round++)
      for (const [name, server] of Object.entries(servers)) {
        const one = await take(name, server, each)
        // The first round warms up.
        if (round > 0) taken[name] = [...(taken[name] ?? []), one]
      }
    measurements.push(...compare(each, taken))
  }
  measurements.push(...(await addedLatency({ direct: { url: provider.url, headers: {} }, ...servers })))
  for (const [name, server] of Object.entries(servers)) {
    const { memoryBytes } = await server.usage()
    measurements.push({
      bench: 'gateway',
      case: `${name} after all`,
      metric: 'memory',
      value: memoryBytes / 2 ** 20,
      unit: 'MiB',
      against: null,
      ratio: null,
      runs: 1,
    })
  }
  return measurements
}

const onPostgresql = 'causeway on postgresql'

/** A database of its own on a server of its own, where PostgreSQL is installed. */
async function postgresqlUrl(parts: AsyncDisposableStack): Promise<string | undefined> {
  const binaries = findPostgresBinaries(process.env['PATH'] ?? '')
  if (!binaries) {
    process.stderr.write('PostgreSQL is not installed: it is left out\n')
    return undefined
  }
  const server = startPostgres({ binaries })
  parts.defer(() => server.stop())
  return parts.use(await createPostgresDatabase({ serverUrl: server.url, fill: async () => {} })).url
}

/** It is compared with where there is one. */
function hasGo(): boolean {
  const found = spawnSync('go', ['version']).status === 0
  if (!found) process.stderr.write('there is no command `go`: the proxy of its standard library is left out\n')
  return found
}

const ratePerSecond = 150

/** What a gateway adds to the time of one request when there are few: to the whole answer, and to the first byte of a stream. */
async function addedLatency(servers: Readonly<Record<string, { url: string; headers: Record<string, string> }>>) {
  const times: Record<string, Record<string, number[]>> = { answer: {}, 'first byte of a stream': {} }
  for (let round = 0; round < rounds; round++)
    for (const [what, all] of Object.entries(times))
      for (const [name, { url, headers }] of Object.entries(servers)) {
        const { firstByte, failed, failure } = await sendLoad({
          url: `${url}/v1/chat/completions`,
          headers: { 'content-type': 'application/json', ...headers },
          body: bodyOf(1024, what !== 'answer'),
          requests: 300,
          concurrency: 64,
          perSecond: ratePerSecond,
        })
        if (isTooMany(name, failed, 300))
          throw new Error(`${name}: ${failed} requests failed, the first with: ${failure}`)
        all[name] = [...(all[name] ?? []), ...firstByte]
      }
  return Object.entries(times).flatMap(([what, all]) =>
    Object.entries(all)
      .filter(([name]) => name !== 'direct')
      .flatMap(([name, taken]) =>
        [0.5, 0.99].map((share): Measurement => ({
          bench: 'gateway',
          case: `${name} adds, ${ratePerSecond}/s`,
          metric: `${what} p${share * 100}`,
          value: percentile(taken, share) - percentile(all['direct'] ?? [], share),
          unit: 'ms',
          against: null,
          ratio: null,
          runs: taken.length,
        })),
      ),
  )
}

function compare({ name: what }: Case, taken: Readonly<Record<string, Taken[]>>): Measurement[] {
  const median = (values: number[]): number => percentile(values, 0.5)
  const metrics = {
    requests: { unit: '1/s', of: (each: Taken) => each.perSecond },
    cpu: { unit: 'µs', of: (each: Taken) => each.cpuMicroseconds },
    'first byte p50': { unit: 'ms', of: (each: Taken) => percentile(each.firstByte, 0.5) },
  }
  const peers = ['bare', 'portkey', 'go'].filter(name => name in taken)
  const against = (name: string): string[] => (name === 'bare' ? [] : name.startsWith('causeway') ? peers : ['bare'])
  return Object.entries(metrics).flatMap(([metric, { unit, of }]) =>
    Object.entries(taken).flatMap(([name, all]): Measurement[] => {
      const measured = {
        bench: 'gateway',
        case: `${name} ${what}`,
        metric,
        value: median(all.map(of)),
        unit,
        runs: all.length,
      }
      const alone = { ...measured, against: null, ratio: null }
      const compared = against(name).map(peer => {
        const theirs = taken[peer] ?? []
        return {
          ...measured,
          against: peer,
          ratio: median(all.map((each, round) => of(each) / of(theirs[round] ?? each))),
        }
      })
      return compared.length > 0 ? compared : [alone]
    }),
  )
}
