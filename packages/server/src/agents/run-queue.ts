import { CausewayError, type RunPriority } from '@causeway/contracts'
import type { Connection, Scope } from '../database/index.ts'
import type { Jobs } from '../jobs/index.ts'
import { countQueued } from './run-store.ts'

/** Beyond what any tenant has queued, so that no run comes before one that is more urgent. */
const classSpan = 1_000_000

const firstOf: Record<RunPriority, number> = { interactive: 0, batch: -classSpan, evaluation: -2 * classSpan }

/** A run that is to be worked on. */
export interface QueuedRun {
  id: string
  priority: RunPriority
  /** How many runs of its tenant it stands behind; none for a run that has begun, so that what has begun is ended first. */
  behind?: number
}

/**
 * Hands a run to the workers, in the caller's transaction. Tenants take turns: the tenth run that one of them has queued stands beside the
 * tenth of another, however many there are of either. Source: Demers, Keshav, Shenker, Analysis and Simulation of a Fair Queueing
 * Algorithm, 1989, with a run as the unit.
 */
export async function enqueueRun(
  connection: Connection,
  jobs: Jobs,
  { organisationId, environmentId }: Scope,
  { id, priority, behind = 0 }: QueuedRun,
): Promise<void> {
  await jobs.enqueue(connection, {
    queue: 'run-segments',
    data: { runId: id },
    priority: firstOf[priority] - Math.min(behind, classSpan - 1),
    tenant: `${organisationId}/${environmentId}`,
  })
}

/** Lets a run that waits go on at an instant, in the caller's transaction. One that does not wait any more then is left alone. */
export async function wakeRunAt(
  connection: Connection,
  jobs: Jobs,
  wake: Scope,
  { id, at }: { id: string; at: Date },
): Promise<void> {
  const { organisationId, environmentId } = wake
  await jobs.enqueue(connection, {
    queue: 'run-segments',
    data: { runId: id, wake: { organisationId, environmentId } },
    startAfter: at,
  })
}

/** Seconds after which one who was refused may come again. */
const comeAgainSeconds = 5

/**
 * The place of a new run in the queue of its tenant. Runs that nobody waits for are refused first, at half of the limit; runs that have begun
 * are never refused.
 * @throws CausewayError queue-full
 */
export async function placeInQueue(
  connection: Connection,
  scope: Scope,
  { priority, queuedAtMost }: { priority: RunPriority; queuedAtMost: number },
): Promise<number> {
  const atMost = priority === 'interactive' ? queuedAtMost : Math.ceil(queuedAtMost / 2)
  const queued = await countQueued(connection, scope, atMost)
  if (queued < atMost) return queued
  throw new CausewayError(
    'queue-full',
    `${queued} runs wait for a worker; ${priority} runs are taken below ${atMost}.`,
    {
      retryAfterSeconds: comeAgainSeconds,
    },
  )
}
