import { pino } from 'pino'

import type { Database } from '../../database/index.ts'
import { createJobs, type Jobs } from '../index.ts'

/** Jobs that have been started, and are stopped at the end. */
export async function startJobs(database: Database): Promise<Jobs & AsyncDisposable> {
  const jobs = createJobs({ database, logger: pino({ level: 'silent' }) })
  await jobs.start()
  return { ...jobs, [Symbol.asyncDispose]: () => jobs.stop({ drainSeconds: 0 }) }
}
