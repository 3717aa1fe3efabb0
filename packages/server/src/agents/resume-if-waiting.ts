import type { Connection, Scope } from '../database/index.ts'
import type { Jobs } from '../jobs/index.ts'
import { enqueueRun } from './run-queue.ts'
import { lockRun, markQueued } from './run-store.ts'

/** Lets a run go on if it waits. One that works will see what was written when it wants to wait: see `waitFor`. */
export async function resumeIfWaiting(
  connection: Connection,
  { jobs }: { jobs: Jobs },
  scope: Scope,
  runId: string,
): Promise<void> {
  const run = await lockRun(connection, scope, runId)
  if (run?.status !== 'waiting') return
  await markQueued(connection, scope, runId)
  await enqueueRun(connection, jobs, scope, { id: runId, priority: run.priority })
}
