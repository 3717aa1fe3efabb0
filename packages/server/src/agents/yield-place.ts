import { appendEvents } from './event-log-store.ts'
import { enqueueRun } from './run-queue.ts'
import { flush, type Segment } from './segment.ts'

/** Gives the place to others and stands in the queue again: what is known is recorded, and the next segment goes on from the log. */
export async function yieldPlace(segment: Segment): Promise<void> {
  const { dependencies, run } = segment
  await flush(segment)
  const workedMs = performance.now() - segment.accountedAt
  await dependencies.database.transaction(async transaction => {
    await appendEvents(transaction, {
      runId: run.id,
      fence: run.fence,
      events: [],
      progress: { status: 'queued', workedMs },
    })
    await enqueueRun(transaction, dependencies.jobs, run.scope, run)
  })
}
