import { createLogger } from '@causeway/server'
import { openDatabase } from '../../packages/server/src/database/index.ts'
import { onEachDatabase, type MeasuredDatabase } from '../each-database.ts'
import { interleave, percentile, type Measurement } from '../measurement.ts'
import { bareInsert } from './bare-insert.ts'
import { causewayRuns } from './causeway-run.ts'
import { dbosSteps } from './dbos-steps.ts'
import { langGraphSteps } from './langgraph-steps.ts'
import { mastraSteps } from './mastra-steps.ts'
import { startUp } from './start-up.ts'

const bench = 'orchestration'
const rounds = 20
/** Rounds before those that count: a server has run for longer than its first steps. */
const warmUp = 150
/** Runs at the same time, and how many in all, for the steps that are done in a second. */
const [atOnce, runsInAll] = [50, 500]

/**
 * What a step of an agent costs, on both databases, beside a bare insert and the same ten steps in DBOS, LangGraph.js and Mastra, in one run.
 * PostgreSQL runs with fsync off, as the embedded engine does. Mastra's store wants an address, so it is measured on PostgreSQL only.
 */
export const orchestration = (): Promise<Measurement[]> => onEachDatabase(onDatabase)

async function onDatabase({ kind, locate }: MeasuredDatabase): Promise<Measurement[]> {
  await using parts = new AsyncDisposableStack()
  const logger = createLogger({ level: 'silent' })
  const ours = parts.use(await locate())
  const place = parts.use(await locate())
  const peers = parts.adopt(await openDatabase({ ...place, logger }), each => each.close())
  let stepsPerSecond = 0
  const values = await (async () => {
    await using stack = new AsyncDisposableStack()
    const causeway = stack.use(await causewayRuns(ours))
    const dbos = stack.use(await dbosSteps(peers.pool))
    const mastra = place.url === undefined ? undefined : stack.use(await mastraSteps(place.url))
    const measured = await interleave(
      {
        bare: await bareInsert(peers.pool),
        causeway: causeway.measure,
        dbos: dbos.measure,
        langgraph: await langGraphSteps(peers.pool),
        ...(mastra && { mastra: mastra.measure }),
      },
      rounds,
      { warmUp },
    )
    stepsPerSecond = await causeway.throughput(runsInAll, atOnce)
    return measured
  })()
  const starts = await interleave({ start: () => startUp(ours) }, 5)

  const figure = (name: string, share: number): number => percentile(values[name] ?? [], share)
  const measured = (name: string, share: 0.5 | 0.95, against: string | null): Measurement => ({
    bench,
    case: `${name} (${kind})`,
    metric: share === 0.5 ? 'p50' : 'p95',
    value: figure(name, share),
    unit: 'ms/step',
    against: against === null ? null : `${against} (${kind})`,
    ratio: against === null ? null : figure(name, share) / figure(against, share),
    runs: values[name]?.length ?? 0,
  })
  const systems = Object.keys(values).filter(name => name !== 'bare')
  return [
    measured('bare', 0.5, null),
    measured('bare', 0.95, null),
    ...systems.flatMap(name => [measured(name, 0.5, 'bare'), measured(name, 0.95, 'bare')]),
    ...systems.flatMap(name => (name === 'causeway' ? [] : [measured('causeway', 0.5, name)])),
    {
      bench,
      case: `causeway, ${atOnce} at once (${kind})`,
      metric: 'throughput',
      value: stepsPerSecond,
      unit: 'steps/s',
      against: null,
      ratio: null,
      runs: runsInAll,
    },
    {
      bench,
      case: `start (${kind})`,
      metric: 'p50',
      value: percentile(starts['start'] ?? [], 0.5),
      unit: 'ms',
      against: null,
      ratio: null,
      runs: starts['start']?.length ?? 0,
    },
  ]
}
