import { setTimeout as sleep } from 'node:timers/promises'
import { hasEnded, type Run, type SessionEvent } from '@causeway/contracts'
import type { Client } from '@causeway/sdk'
import { createScriptedModel, createToolWorld } from '@causeway/sdk/testing'
import { crashPostgres } from '../../packages/server/src/database/testing/crash-postgres.ts'
import { startPlatformProcess, type PlatformProcess } from '../../packages/server/src/testing/platform-process.ts'
import { onEachDatabase, type MeasuredDatabase } from '../each-database.ts'
import { irreversibleWork, isLost } from '../irreversible-work.ts'
import type { Measurement } from '../measurement.ts'

const runsAtOnce = 60
const stepsOfARun = 30
const rounds = 4
/** Milliseconds in which everything must have ended. */
const limitMs = 300_000

/**
 * Sixty runs of thirty steps, each step an effect that cannot be undone, while processes die: on PostgreSQL two of three replicas are killed
 * (`kill -9`) four times, one is frozen and revived, and PostgreSQL itself crashes; on the embedded database the one process is killed four times. All runs must end,
 * no effect may happen twice, every result must be recorded once, and what is uncertain must be told as unknown.
 */
export const chaos = (): Promise<Measurement[]> => onEachDatabase(onDatabase, { durable: true })

async function onDatabase({ kind, locate }: MeasuredDatabase): Promise<Measurement[]> {
  await using parts = new AsyncDisposableStack()
  const { url, dataFolder } = parts.use(await locate())
  const start = async (): Promise<PlatformProcess> =>
    parts.use(
      await startPlatformProcess(
        { url, dataFolder, [Symbol.asyncDispose]: async () => undefined },
        { CAUSEWAY_CONCURRENCY: '20' },
      ),
    )

  /** How often each effect happened, by its run and step. */
  const effects = new Map<string, number>()
  const world = parts.use(
    await createToolWorld({
      tools: {
        act: async ({ key }) => {
          await sleep(20)
          effects.set(String(key), (effects.get(String(key)) ?? 0) + 1)
          return { done: key }
        },
      },
    }),
  )
  const model = parts.use(
    await createScriptedModel({
      respond: ({ messages }) => {
        const [, input] = messages
        const step = messages.filter(({ role }) => role === 'tool').length
        return step < stepsOfARun
          ? { toolCalls: [{ name: 'act', arguments: { key: `${String(input?.['content'])}-${step}` } }] }
          : { text: 'Done.' }
      },
    }),
  )
  const replicas = [await start(), ...(url === undefined ? [] : [await start(), await start()])]
  const anyClient = (): Client => replicas[0]?.client ?? fail('no replica')
  await anyClient().manifests.apply({
    manifests: irreversibleWork(model.baseUrl, world.url, [{ agent: 'worker', tool: 'act', approval: 'by-policy' }]),
  })
  const startedAt = Date.now()
  const runs = await Promise.all(
    Array.from({ length: runsAtOnce }, (_, index) =>
      anyClient().runs.create({ agent: 'worker', input: `run${index}` }),
    ),
  )

  for (let round = 0; round < rounds; round++) {
    await sleep(4000)
    process.stderr.write(`${kind}: round ${round + 1}, ${effects.size} effects so far\n`)
    if (url === undefined) {
      await replicas[0]?.crash()
      replicas[0] = await start()
      continue
    }
    if (round === 2) await crashPostgres(url)
    const victims = [round % 3, (round + 1) % 3]
    // One that is left alone for half a minute is taken for dead, and must change nothing when it goes on.
    const frozen = round === 1 ? replicas[(round + 2) % 3] : undefined
    frozen?.freeze()
    await Promise.all(victims.map(async victim => replicas[victim]?.crash()))
    for (const victim of victims) replicas[victim] = await start()
    if (frozen) {
      await sleep(30_000)
      frozen.thaw()
    }
  }
  const ended = await allEnded(anyClient, runs, startedAt)
  const logs = await Promise.all(runs.map(({ id }) => anyClient().runs.events(id)))
  const repeated = [...effects.values()].filter(times => times > 1).length
  const responded = logs.map(recordedTwice)
  const gaps = logs.flatMap(takeOvers).toSorted((one, other) => one - other)
  const unknown = logs
    .flat()
    .filter(event => event.type === 'tool-responded' && event.data.outcome === 'unknown').length
  const lost = logs.flat().filter(event => event.type === 'tool-responded' && isLost(event.data, effects)).length
  const told = new Set(logs.flat().flatMap(event => (event.type === 'tool-responded' ? [event.data.callId] : []))).size
  const figure = (metric: string, value: number, unit: string): Measurement => ({
    bench: 'chaos',
    case: kind,
    metric,
    value,
    unit,
    against: null,
    ratio: null,
    runs: runsAtOnce,
  })
  return [
    figure('not ended', runsAtOnce - ended.length, 'runs'),
    figure('effects twice', repeated, 'effects'),
    figure(
      'results twice',
      responded.reduce((sum, each) => sum + each, 0),
      'results',
    ),
    figure('effects lost', lost, 'effects'),
    figure('effects', effects.size, 'effects'),
    figure('results', told, 'results'),
    figure('told as unknown', unknown, 'effects'),
    figure('take-over p95', gaps[Math.floor(gaps.length * 0.95)] ?? 0, 's'),
    figure('all ended after', (Date.now() - startedAt) / 1000, 's'),
  ]
}

async function allEnded(client: () => Client, runs: readonly Run[], since: number): Promise<Run[]> {
  for (;;) {
    const ended = await lookAtAll(client(), runs)
    if (ended.length === runs.length || Date.now() - since > limitMs) return ended
    await sleep(1000)
  }
}

/** The runs that have ended. What is unknown is asked about: a person says that it is all right. */
async function lookAtAll(client: Client, runs: readonly Run[]): Promise<Run[]> {
  const now = await Promise.all(runs.map(({ id }) => client.runs.get(id)))
  for await (const { id } of client.approvals.all({ status: 'pending' }))
    await client.approvals.decide(id, { outcome: 'approve' })
  return now.filter(({ status }) => hasEnded(status))
}

/** Calls of which a result was recorded more than once. */
function recordedTwice(events: readonly SessionEvent[]): number {
  const results = events.flatMap(event => (event.type === 'tool-responded' ? [event.data.callId] : []))
  return results.length - new Set(results).size
}

/** Seconds between the last event of a worker and the first of the one that took over from it. */
const takeOvers = (events: readonly SessionEvent[]): number[] =>
  events.flatMap((event, index) => {
    const before = events[index - 1]
    // One that was taken from the queue twice before it could record anything has only waited there.
    return event.type === 'segment-started' && event.data.segment > 1 && before && before.type !== 'run-created'
      ? [(Date.parse(event.at) - Date.parse(before.at)) / 1000]
      : []
  })

const fail = (why: string): never => {
  throw new Error(why)
}
