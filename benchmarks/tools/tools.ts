import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { hasEnded, type ManifestInput, type Run } from '@causeway/contracts'
import { agent, provider, route } from '@causeway/sdk'
import { createToolWorld } from '@causeway/sdk/testing'
import { startLocalPlatform } from '../local-platform.ts'
import { createSandbox } from '../../packages/server/src/sandbox/index.ts'
import { interleave, percentile, type Measurement } from '../measurement.ts'
import { decisions } from './decisions.ts'

const rounds = 20
const callsInARun = 16

/**
 * What a governed call costs beside the same tool called directly, what code in the sandbox costs, and what a decision costs with
 * fifty policies beside the built-in ones; on the embedded database, in one run.
 */
export async function tools(): Promise<Measurement[]> {
  await using parts = new AsyncDisposableStack()
  const world = parts.use(await createToolWorld({ tools: { touch: () => ({ ok: 1 }) } }))
  const governed = parts.use(await startGoverned(world.url))
  const sandbox = parts.adopt(createSandbox({ workers: 1 }), each => each.close())
  const values = await interleave(
    {
      direct: () => times(callsInARun, () => direct(`${world.url}/touch`)),
      http: () => governed.run('touch'),
      'http (attacked)': () => governed.runAttacked('touch'),
      code: () => governed.run('add'),
      sandbox: () => times(callsInARun, () => inSandbox(sandbox)),
      'decision (new)': async () => decisions(200, true),
      'decision (known)': async () => decisions(200, false),
    },
    rounds,
  )
  const figure = (name: string, metric: string, share: number, against: string | null): Measurement => {
    const value = percentile(values[name] ?? [], share)
    return {
      bench: 'tools',
      case: name,
      metric,
      value,
      unit: 'ms/call',
      against,
      ratio: against === null ? null : value / percentile(values[against] ?? [], share),
      runs: values[name]?.length ?? 0,
    }
  }
  return ['direct', 'http', 'http (attacked)', 'code', 'sandbox', 'decision (new)', 'decision (known)'].flatMap(
    name => {
      const against = name === 'http (attacked)' ? 'http' : name === 'http' || name === 'code' ? 'direct' : null
      return [
        figure(name, 'p50', 0.5, against),
        figure(name, 'p95', 0.95, against),
        ...(name.startsWith('decision') ? [figure(name, 'p99', 0.99, null)] : []),
      ]
    },
  )
}

async function times(count: number, work: () => Promise<unknown>): Promise<number[]> {
  const taken: number[] = []
  for (let each = 0; each < count; each++) {
    const before = performance.now()
    await work()
    taken.push(performance.now() - before)
  }
  return taken
}

async function direct(url: string): Promise<void> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
  await response.json()
}

async function inSandbox(sandbox: ReturnType<typeof createSandbox>): Promise<void> {
  const limits = { timeMs: 1000, memoryBytes: 32 << 20, stackBytes: 256 << 10, outputCharacters: 1000 }
  const end = await sandbox.run({ source: code, argument: { n: 1 }, limits }, new AbortController().signal)
  if (end.outcome !== 'returned') throw new Error(`the program ended as ${end.outcome}`)
}

const code = 'export default ({ n }) => ({ next: n + 1 })'

interface Governed extends AsyncDisposable {
  /** @returns the milliseconds of each call of one run, on the average */
  run: (tool: string) => Promise<number[]>
  /** The same while programs without end have every place in the sandbox. */
  runAttacked: (tool: string) => Promise<number[]>
}

async function startGoverned(worldUrl: string): Promise<Governed> {
  await using parts = new AsyncDisposableStack()
  const dataFolder = parts.adopt(await mkdtemp(join(tmpdir(), 'causeway-bench-')), path =>
    rm(path, { recursive: true }),
  )
  const { client } = parts.use(await startLocalPlatform({ dataFolder }))
  await client.manifests.apply({ manifests: manifestsOf(worldUrl) })
  const owned = parts.move()
  const callsOf = (tool: string) => Array.from({ length: callsInARun }, () => ({ tool, arguments: { n: 1 } }))
  const measured = async (tool: string): Promise<number[]> => [
    millisecondsOf(await client.runs.createAndWait({ agent: 'caller', calls: callsOf(tool) })) / callsInARun,
  ]
  return {
    run: measured,
    async runAttacked(tool) {
      const attackers = await Promise.all(
        Array.from({ length: 4 }, () => client.runs.create({ agent: 'caller', calls: callsOf('endless') })),
      )
      await sleep(100)
      const taken = await measured(tool)
      for (const { id } of attackers) await client.runs.cancel(id)
      for (const { id } of attackers) while (!hasEnded((await client.runs.get(id)).status)) await sleep(10)
      return taken
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** The time that the run has worked: from its claim to its end, without the queue and the client. */
function millisecondsOf({ status, reason, spent }: Run): number {
  if (status !== 'succeeded') throw new Error(`the run ended as ${status}: ${reason}`)
  return spent.seconds * 1000
}

function manifestsOf(worldUrl: string): ManifestInput[] {
  const spec = {
    description: 'Answers at once',
    input: { type: 'object', properties: { n: { type: 'number' } } },
    effect: 'read',
    risk: 1,
    timeoutSeconds: 5,
  } as const
  return [
    provider({ name: 'none', type: 'rehearsal', conversations: [], otherwise: [{ text: 'done' }] }),
    route({ name: 'none', targets: [{ provider: 'none', model: 'none' }] }),
    {
      kind: 'Tool',
      name: 'touch',
      spec: { ...spec, implementation: { type: 'http', method: 'POST', url: `${worldUrl}/touch` } },
    },
    {
      kind: 'Tool',
      name: 'endless',
      spec: { ...spec, implementation: { type: 'code', source: 'export default () => { while (true); }' } },
    },
    { kind: 'Tool', name: 'add', spec: { ...spec, implementation: { type: 'code', source: code } } },
    agent({
      name: 'caller',
      instructions: 'Call.',
      model: 'none',
      tools: ['touch', 'add', 'endless'],
      limits: { toolCalls: 100 },
    }),
  ]
}
