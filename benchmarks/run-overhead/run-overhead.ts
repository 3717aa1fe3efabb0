import { createLogger } from '@causeway/server'
import { openDatabase } from '../../packages/server/src/database/index.ts'
import { onEachDatabase, type MeasuredDatabase } from '../each-database.ts'
import { interleave, percentile, type Measurement } from '../measurement.ts'
import { bareInsert } from './bare-insert.ts'
import { causewayRuns } from './causeway-run.ts'
import { dbosSteps } from './dbos-steps.ts'
import { startUp } from './start-up.ts'

const bench = 'run-overhead'
const rounds = 20

/**
 * What the platform adds to a step of an agent, on both databases, beside a bare insert and the same steps as a DBOS workflow, in one run.
 * PostgreSQL runs with fsync off, as the embedded engine does.
 */
export const runOverhead = (): Promise<Measurement[]> => onEachDatabase(onDatabase)

async function onDatabase({ kind, locate }: MeasuredDatabase): Promise<Measurement[]> {
  await using parts = new AsyncDisposableStack()
  const logger = createLogger({ level: 'silent' })
  const ours = parts.use(await locate())
  const peers = parts.adopt(await openDatabase({ ...parts.use(await locate()), logger }), each => each.close())
  const values = await (async () => {
    await using causeway = await causewayRuns(ours)
    await using dbos = await dbosSteps(peers.pool)
    return await interleave(
      { bare: await bareInsert(peers.pool), causeway: causeway.measure, dbos: dbos.measure },
      rounds,
    )
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
  return [
    measured('bare', 0.5, null),
    measured('bare', 0.95, null),
    measured('dbos', 0.5, 'bare'),
    measured('dbos', 0.95, 'bare'),
    measured('causeway', 0.5, 'bare'),
    measured('causeway', 0.95, 'bare'),
    measured('causeway', 0.5, 'dbos'),
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
