import { setTimeout as sleep } from 'node:timers/promises'
import { hasEnded, type Run, type SessionEvent } from '@causeway/contracts'
import type { Client } from '@causeway/sdk'
import { createScriptedModel, createToolWorld } from '@causeway/sdk/testing'
import { startPlatformProcess, type PlatformProcess } from '../../packages/server/src/testing/platform-process.ts'
import { onEachDatabase, type MeasuredDatabase } from '../each-database.ts'
import { irreversibleWork, isLost } from '../irreversible-work.ts'
import type { Measurement } from '../measurement.ts'
import { previousRelease } from './previous-release.ts'

const working = 30
const waiting = 10
const stepsOfARun = 40
/** Milliseconds in which everything must have ended. */
const limitMs = 180_000

/**
 * Runs that the last release has begun, some of them under way and some waiting for a person, while its processes are replaced by those of
 * this one: on PostgreSQL one replica after another, old and new side by side behind a balancer, and on the embedded database the one process.
 * All runs must end, each effect must happen once, and on PostgreSQL no request may be refused.
 */
export const upgrade = (): Promise<Measurement[]> => onEachDatabase(onDatabase, { durable: true, bare: true })

async function onDatabase({ kind, locate }: MeasuredDatabase): Promise<Measurement[]> {
  await using parts = new AsyncDisposableStack()
  const { url, dataFolder } = parts.use(await locate())
  const release = previousRelease()
  const store = { url, dataFolder, [Symbol.asyncDispose]: async () => undefined }
  const start = async (program?: string): Promise<PlatformProcess> =>
    parts.use(
      await startPlatformProcess(
        store,
        { CAUSEWAY_CONCURRENCY: '20', CAUSEWAY_LEAVE_SECONDS: '1', CAUSEWAY_DRAIN_SECONDS: '1' },
        program,
      ),
    )

  const effects = new Map<string, number>()
  const act = async ({ key }: Record<string, unknown>) => {
    await sleep(50)
    effects.set(String(key), (effects.get(String(key)) ?? 0) + 1)
    return { done: key }
  }
  const world = parts.use(await createToolWorld({ tools: { act, 'act-approved': act } }))
  const model = parts.use(await createScriptedModel({ respond: nextStep }))

  const replicas = [await start(release.main), ...(url === undefined ? [] : [await start(release.main)])]
  const old = [...replicas]
  const client = (): Client => replicas.at(-1)?.client ?? fail('no replica')
  await client().manifests.apply({
    manifests: irreversibleWork(model.baseUrl, world.url, [
      { agent: 'worker', tool: 'act', approval: 'by-policy' },
      { agent: 'asker', tool: 'act-approved', approval: 'always' },
    ]),
  })
  const names = [
    ...Array.from({ length: working }, (_, index) => ({ agent: 'worker', input: `work${index}` })),
    ...Array.from({ length: waiting }, (_, index) => ({ agent: 'asker', input: `ask${index}` })),
  ]
  const runs = await Promise.all(names.map(each => client().runs.create(each)))
  await sleep(1500)
  const begun = effects.size

  const traffic = url === undefined ? undefined : sendTraffic(replicas)
  for (const each of old) {
    // The embedded database takes one process at a time.
    if (url !== undefined) replicas.push(await start())
    await sleep(1000)
    await each.terminate()
    replicas.splice(replicas.indexOf(each), 1)
    if (url === undefined) replicas.push(await start())
  }
  const { answered = 0, refused = [] } = (await traffic?.stop()) ?? {}
  for (const failure of refused) process.stderr.write(`${failure}\n`)
  const ended = await allEnded(client(), runs)
  const logs = await Promise.all(runs.map(({ id }) => client().runs.events(id)))
  const told = logs.flat().flatMap(event => (event.type === 'tool-responded' ? [event.data] : []))
  const figure = (metric: string, value: number, unit: string): Measurement => ({
    bench: 'upgrade',
    case: `${kind}, from ${release.name}`,
    metric,
    value,
    unit,
    against: null,
    ratio: null,
    runs: runs.length,
  })
  return [
    figure('not succeeded', runs.length - ended.filter(({ status }) => status === 'succeeded').length, 'runs'),
    figure('effects before', begun, 'effects'),
    figure('effects', effects.size, 'effects'),
    figure('effects lost', told.filter(data => isLost(data, effects)).length, 'effects'),
    figure('told as failed', told.filter(({ outcome }) => outcome === 'failed').length, 'effects'),
    figure('effects twice', [...effects.values()].filter(times => times > 1).length, 'effects'),
    figure('told as unknown', told.filter(({ outcome }) => outcome === 'unknown').length, 'effects'),
    figure('begun on both', logs.filter(onSeveral).length, 'runs'),
    figure('requests answered', answered, 'requests'),
    figure('requests refused', refused.length, 'requests'),
  ]
}

/** What a balancer does that repeats nothing: asks each replica whether it is ready, and takes turns among those that are. */
function sendTraffic(replicas: readonly PlatformProcess[]) {
  const stopped = new AbortController()
  const refused: string[] = []
  let answered = 0
  let turn = 0
  const isReady = async ({ url }: PlatformProcess): Promise<boolean> =>
    (await fetch(`${url}/readyz`).catch(() => undefined))?.ok ?? false
  let ready: PlatformProcess[] = [...replicas]
  const watch = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      const all = await Promise.all([...replicas].map(async each => ((await isReady(each)) ? [each] : [])))
      ready = all.flat()
      await sleep(100)
    }
  }
  const ask = async ({ url, key }: PlatformProcess): Promise<void> => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ model: 'script', messages: [{ role: 'user', content: 'talk' }] })
    for (const response of [
      await fetch(`${url}/v1/runs`, { headers }),
      await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body }),
    ])
      if (response.ok) answered++
      else refused.push(`${response.status} ${await response.text()}`)
  }
  const send = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      const next = ready[turn++ % ready.length]
      if (next) await ask(next).catch((error: unknown) => refused.push(String(error)))
      await sleep(20)
    }
  }
  const running = Promise.all([watch(), send()])
  return {
    async stop() {
      stopped.abort()
      await running
      return { answered, refused }
    },
  }
}

const nextStep: NonNullable<Parameters<typeof createScriptedModel>[0]['respond']> = ({ messages }) => {
  const input = String(messages.find(({ role }) => role === 'user')?.['content'])
  const step = messages.filter(({ role }) => role === 'tool').length
  if (input.startsWith('work') && step < stepsOfARun)
    return { toolCalls: [{ name: 'act', arguments: { key: `${input}-${step}` } }] }
  if (input.startsWith('ask') && step === 0)
    return { toolCalls: [{ name: 'act-approved', arguments: { key: `${input}-0` } }] }
  return { text: 'Done.' }
}

async function allEnded(client: Client, runs: readonly Run[]): Promise<Run[]> {
  const until = Date.now() + limitMs
  for (;;) {
    for await (const { id } of client.approvals.all({ status: 'pending' }))
      await client.approvals.decide(id, { outcome: 'approve' })
    const now = await Promise.all(runs.map(({ id }) => client.runs.get(id)))
    const ended = now.filter(({ status }) => hasEnded(status))
    if (ended.length === runs.length || Date.now() > until) return ended
    await sleep(500)
  }
}

/** Whether several replicas have worked on the run. */
const onSeveral = (events: readonly SessionEvent[]): boolean =>
  new Set(events.flatMap(event => (event.type === 'segment-started' ? [event.data.replica] : []))).size > 1

const fail = (why: string): never => {
  throw new Error(why)
}
