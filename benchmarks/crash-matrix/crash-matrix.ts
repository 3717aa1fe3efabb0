import { setTimeout as sleep } from 'node:timers/promises'
import type { SessionEvent } from '@causeway/contracts'
import { agent, provider, route, type Client } from '@causeway/sdk'
import { createScriptedModel, createToolWorld } from '@causeway/sdk/testing'
import { startPlatformProcess, type PlatformProcess } from '../../packages/server/src/testing/platform-process.ts'
import { onEachDatabase, type MeasuredDatabase } from '../each-database.ts'
import type { Measurement } from '../measurement.ts'

/** Where a platform is killed on the way of one approved call that cannot be undone. */
type Point =
  | 'it waits for a person'
  | 'the tool has the call'
  | 'the tool has done it'
  | 'the tool has answered'
  | 'the model is told'
  | 'the model has answered'
  | `${number} ms after the approval`

const points: readonly Point[] = [
  'it waits for a person',
  ...[0, 2, 4, 6, 8, 10, 15, 20, 30, 40].map((ms): Point => `${ms} ms after the approval`),
  'the tool has the call',
  'the tool has done it',
  'the tool has answered',
  'the model is told',
  'the model has answered',
]

/** What is left of one try when the platform runs again and the run has ended. */
interface Aftermath {
  /** How often the payment was made. */
  payments: number
  /** What the log says of the call. */
  outcome: string
  status: string
}

/**
 * Kills the platform (`kill -9`) at every step of an approved payment and starts it again, on both databases: nothing may be paid
 * twice, nothing recorded as done that was not, and what is uncertain must be told as unknown.
 */
export const crashMatrix = (): Promise<Measurement[]> => onEachDatabase(onDatabase)

async function onDatabase({ kind, locate }: MeasuredDatabase): Promise<Measurement[]> {
  const tries: Aftermath[] = []
  for (const point of points) {
    const aftermath = await tryAt(point, locate)
    tries.push(aftermath)
    const { payments, outcome, status } = aftermath
    process.stderr.write(`| ${kind} | ${point} | ${payments} | ${outcome} | ${status} |\n`)
  }
  const figure = (metric: string, value: number): Measurement => ({
    bench: 'crash-matrix',
    case: kind,
    metric,
    value,
    unit: 'tries',
    against: null,
    ratio: null,
    runs: tries.length,
  })
  return [
    figure('paid twice', tries.filter(({ payments }) => payments > 1).length),
    figure('lost', tries.filter(({ payments, outcome }) => payments === 0 && outcome !== 'unknown').length),
    figure('told as unknown', tries.filter(({ outcome }) => outcome === 'unknown').length),
    figure('not ended', tries.filter(({ status }) => status !== 'succeeded').length),
  ]
}

async function tryAt(point: Point, locate: MeasuredDatabase['locate']): Promise<Aftermath> {
  await using parts = new AsyncDisposableStack()
  const { url, dataFolder } = parts.use(await locate())
  const start = async (): Promise<PlatformProcess> =>
    parts.use(await startPlatformProcess({ url, dataFolder, [Symbol.asyncDispose]: async () => undefined }))

  let platform: PlatformProcess | undefined
  let killed: Promise<void> | undefined
  const reached = Promise.withResolvers<void>()
  const reach = (here: Point): void => {
    if (here !== point || killed) return
    // The signal is sent before anything else can happen here.
    killed = platform?.crash()
    reached.resolve()
  }
  let payments = 0
  const world = parts.use(
    await createToolWorld({
      tools: {
        pay: async () => {
          reach('the tool has the call')
          if (killed) await killed
          payments++
          reach('the tool has done it')
          setImmediate(() => reach('the tool has answered'))
          return { paid: true }
        },
      },
    }),
  )
  const model = parts.use(
    await createScriptedModel({
      respond: ({ messages }) => {
        if (messages.at(-1)?.role === 'user') return { toolCalls: [{ name: 'pay', arguments: {} }] }
        reach('the model is told')
        setImmediate(() => reach('the model has answered'))
        return { text: 'Done.' }
      },
    }),
  )
  platform = await start()
  const { client } = platform
  await client.manifests.apply({ manifests: manifestsOf(model.baseUrl, world.url) })
  const run = await client.runs.createAndWait({ agent: 'clerk', input: 'Pay.' })
  const [approval] = (await client.approvals.list({ runId: run.id })).data
  reach('it waits for a person')
  if (!killed) {
    await client.approvals.decide(approval?.id ?? '', { outcome: 'approve' })
    const [, delay] = /^(\d+) ms/.exec(point) ?? []
    if (delay !== undefined) {
      await sleep(Number(delay))
      reach(point)
    }
  }
  await Promise.race([reached.promise, sleep(10_000)])
  await killed
  const again = await start()
  if (point === 'it waits for a person') await again.client.approvals.decide(approval?.id ?? '', { outcome: 'approve' })
  const events = await eventsOf(again.client, run.id)
  const responded = events.find(({ type }) => type === 'tool-responded')
  const ended = events.at(-1)
  return {
    payments,
    outcome: responded?.type === 'tool-responded' ? responded.data.outcome : 'none',
    status: ended?.type === 'run-ended' ? ended.data.status : 'none',
  }
}

async function eventsOf(client: Client, runId: string): Promise<SessionEvent[]> {
  const events: SessionEvent[] = []
  const signal = AbortSignal.timeout(40_000)
  for await (const item of client.runs.follow(runId, { signal })) if ('sequence' in item) events.push(item)
  return events
}

const manifestsOf = (baseUrl: string, worldUrl: string) => [
  provider({ name: 'script', type: 'openai-compatible', baseUrl }),
  route({ name: 'script', targets: [{ provider: 'script', model: 'script' }] }),
  {
    kind: 'Tool' as const,
    name: 'pay',
    spec: {
      description: 'Pays',
      input: { type: 'object' },
      effect: 'irreversible' as const,
      risk: 4,
      implementation: { type: 'http' as const, url: `${worldUrl}/pay` },
    },
  },
  agent({ name: 'clerk', instructions: 'Pay.', model: 'script', tools: ['pay'] }),
]
