import type { Connection, Scope } from '../database/index.ts'
import type { Jobs } from '../jobs/index.ts'
import { lockRun, markQueued } from './run-store.ts'

/** Lets the run that started this one go on, if it waits. In the transaction in which this one ends. */
export async function resumeParent(
  connection: Connection,
  { jobs }: { jobs: Jobs },
  scope: Scope,
  parentRunId: string,
): Promise<void> {
  // The lock and the status decide who of the two sees the other: see `waitFor`.
  const parent = await lockRun(connection, scope, parentRunId)
  if (parent?.status !== 'waiting') return
  await markQueued(connection, scope, parentRunId)
  await jobs.enqueue(connection, { queue: 'run-segments', data: { runId: parentRunId } })
}
