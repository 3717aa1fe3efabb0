import { agent, createClient, provider, route, type Client } from '@causeway/sdk'
import { onEachDatabase, type Location, type MeasuredDatabase } from '../each-database.ts'
import { startLocalPlatform } from '../local-platform.ts'
import { figureAlone, percentile, type Measurement } from '../measurement.ts'

const bench = 'queues'
/** The embedded database is for one machine and one team. */
const waitingRuns = { embedded: 1_000, postgresql: 10_000 }
const activeRuns = { embedded: 100, postgresql: 1_000 }
/** Requests that one client has under way. */
const atOnce = 32

/** What many runs cost: those that wait, those that work at the same time, and those that a tenant has queued before another's. */
export const queues = (): Promise<Measurement[]> => onEachDatabase(onDatabase)

async function onDatabase({ kind, locate }: MeasuredDatabase): Promise<Measurement[]> {
  const figure = (what: string, metric: string, value: number, unit: string, runs: number): Measurement =>
    figureAlone({ bench, case: `${what} (${kind})`, metric, value, unit, runs })
  const waiting = await withPlatform(locate, {}, measureWaiting(waitingRuns[kind]))
  const active = await withPlatform(locate, {}, measureActive(activeRuns[kind]))
  const noisy = await withPlatform(locate, {}, measureNoisy)
  return [
    figure('idle', 'cpu', waiting.idleCpu, '% of one processor', 1),
    figure('waiting runs', 'cpu', waiting.cpu, '% of one processor', waitingRuns[kind]),
    figure('resume of a waiting run', 'p50', percentile(waiting.resumeMs, 0.5), 'ms', waiting.resumeMs.length),
    figure('resume of a waiting run', 'max', Math.max(...waiting.resumeMs), 'ms', waiting.resumeMs.length),
    figure(`API, ${activeRuns[kind]} active runs`, 'p50', percentile(active.apiMs, 0.5), 'ms', active.apiMs.length),
    figure(`API, ${activeRuns[kind]} active runs`, 'p99', percentile(active.apiMs, 0.99), 'ms', active.apiMs.length),
    figure(`${activeRuns[kind]} active runs`, 'steps', active.stepsPerSecond, '/s', activeRuns[kind]),
    figure('first step beside 1,000', 'max', Math.max(...noisy), 'ms', noisy.length),
  ]
}

type Measured<Result> = (platform: { client: Client; stage: Client }) => Promise<Result>

async function withPlatform<Result>(
  locate: () => Promise<Location>,
  environment: Record<string, string>,
  measure: Measured<Result>,
): Promise<Result> {
  await using location = await locate()
  await using platform = await startLocalPlatform(location, { CAUSEWAY_QUEUED_RUNS: '20000', ...environment })
  const { client, url, apiKey } = platform
  const stage = createClient({ baseUrl: url, apiKey, environment: 'stage' })
  for (const each of [client, stage]) await each.manifests.apply({ manifests })
  return await measure({ client, stage })
}

const turns = Array.from({ length: 10 }, (_, index) => ({
  toolCalls: [{ tool: 'ask-user', arguments: { question: `${index}?` } }],
}))

/** Agents whose model answers at once: one asks its user, one answers, one works for ten steps with a tool that it does not have. */
const manifests = [
  provider({ name: 'asks', type: 'rehearsal', conversations: [], otherwise: [...turns.slice(0, 1), { text: 'done' }] }),
  provider({ name: 'answers', type: 'rehearsal', conversations: [], otherwise: [{ text: 'done' }] }),
  provider({
    name: 'steps',
    type: 'rehearsal',
    conversations: [],
    otherwise: [
      ...Array.from({ length: 9 }, (_, index) => ({ toolCalls: [{ tool: 'none', arguments: { index } }] })),
      { text: 'done' },
    ],
  }),
  ...['asks', 'answers', 'steps'].flatMap(name => [
    route({ name, targets: [{ provider: name, model: 'instant' }] }),
    agent({ name, instructions: 'Go on.', model: name, questions: name === 'asks' }),
  ]),
]

/** Calls as many times, so many at once. */
async function repeat(times: number, call: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    try {
      while (next < times) await call(next++)
    } catch (error) {
      next = times
      throw error
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

/** Percent of one processor that this process uses while nothing is asked of it. */
async function cpuOf(seconds: number): Promise<number> {
  const before = process.cpuUsage()
  await new Promise(resolve => setTimeout(resolve, seconds * 1000))
  const { user, system } = process.cpuUsage(before)
  return (user + system) / (seconds * 1e4)
}

async function until(met: () => Promise<boolean>, seconds: number): Promise<void> {
  const end = Date.now() + seconds * 1000
  while (!(await met())) {
    if (Date.now() > end) throw new Error(`It was not so after ${seconds} s.`)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}

/** Says how far a measurement is that takes minutes. */
const tell = (what: string): void => void process.stderr.write(`${new Date().toISOString()} ${what}\n`)

const measureWaiting =
  (count: number): Measured<{ idleCpu: number; cpu: number; resumeMs: number[] }> =>
  async ({ client }) => {
    const idleCpu = await cpuOf(10)
    tell(`${count} runs begin`)
    const ids: string[] = []
    await repeat(count, async () => void ids.push((await client.runs.create({ agent: 'asks', input: 'go' })).id))
    tell('all are queued')
    const none = async (status: 'queued' | 'running'): Promise<boolean> => {
      return (await client.runs.list({ status, limit: 1 })).data.length === 0
    }
    await until(async () => (await none('queued')) && (await none('running')), 600)
    tell('all wait')
    await cpuOf(5)
    const cpu = await cpuOf(20)
    const resumeMs: number[] = []
    for (const id of ids.filter((_, index) => index % (count / 100) === 0)) {
      const begin = performance.now()
      await client.runs.answer(id, { answer: 'yes' })
      await client.runs.wait(id)
      resumeMs.push(performance.now() - begin)
    }
    return { idleCpu, cpu, resumeMs }
  }

const measureActive =
  (count: number): Measured<{ apiMs: number[]; stepsPerSecond: number }> =>
  async ({ client }) => {
    const apiMs: number[] = []
    const ended = new AbortController()
    const ask = async (): Promise<void> => {
      while (!ended.signal.aborted) {
        const startedAt = performance.now()
        await client.runs.list({ limit: 20 })
        apiMs.push(performance.now() - startedAt)
        await new Promise(resolve => setTimeout(resolve, 20))
      }
    }
    tell(`${count} runs work`)
    const asking = ask()
    const begin = performance.now()
    await Promise.all(Array.from({ length: count }, () => client.runs.createAndWait({ agent: 'steps', input: 'go' })))
    const seconds = (performance.now() - begin) / 1000
    ended.abort()
    await asking
    return { apiMs, stepsPerSecond: (count * 10) / seconds }
  }

/** Milliseconds from a request to the end of its only step, each beside 1,000 runs that another tenant has queued before. */
const measureNoisy: Measured<number[]> = async ({ client, stage }) => {
  const values: number[] = []
  for (let round = 0; round < 3; round++) {
    tell('another tenant queues 1,000 runs')
    await repeat(1_000, async () => void (await client.runs.create({ agent: 'steps', input: 'go' })))
    const begin = performance.now()
    await stage.runs.createAndWait({ agent: 'answers', input: 'go' })
    values.push(performance.now() - begin)
  }
  return values
}
