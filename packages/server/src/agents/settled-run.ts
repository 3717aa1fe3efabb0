import { CausewayError, hasEnded, type Run } from '@causeway/contracts'
import type { Scope } from '../database/index.ts'
import type { EventSource } from './event-source.ts'
import { findRun } from './run-store.ts'

/**
 * The run when it has ended or waits for a person, or as it is when the time is up.
 * @throws CausewayError not-found
 */
export async function settledRun(
  { database, watch }: EventSource,
  scope: Scope,
  run: Pick<Run, 'id' | 'sessionId'>,
  signal: AbortSignal,
): Promise<Run> {
  for await (const event of watch(scope, { sessionId: run.sessionId, runId: run.id, stops: true, after: 0, signal })) {
    if (!('sequence' in event)) continue
    const now = await findRun(database.kysely, scope, run.id)
    if (now && (hasEnded(now.status) || now.status === 'waiting')) return now
  }
  const last = await findRun(database.kysely, scope, run.id)
  if (!last) throw new CausewayError('not-found', `There is no run ${run.id} here.`)
  return last
}
