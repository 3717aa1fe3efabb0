import { CausewayError, hasEnded, type Run } from '@causeway/contracts'
import type { Approvals } from '../approvals/index.ts'
import type { Audit } from '../audit/index.ts'
import type { Database } from '../database/index.ts'
import type { Jobs } from '../jobs/index.ts'
import type { Caller } from '../identity/index.ts'
import { appendEvents } from './event-log-store.ts'
import { SessionFold } from './fold-session.ts'
import { readWholeSession } from './read-session.ts'
import { resumeIfWaiting } from './resume-if-waiting.ts'
import { findRun, lockRun, openChildren, requestCancel } from './run-store.ts'

export interface CancelDependencies {
  database: Database
  jobs: Jobs
  approvals: Approvals
  audit: Audit
}

/** Who stops a run. */
type Canceller = Pick<Caller, 'organisationId' | 'environmentId' | 'environment' | 'actor'>

/** Stops the runs that a run has started. */
export async function cancelChildren(
  dependencies: CancelDependencies,
  caller: Canceller,
  parentRunId: string,
): Promise<void> {
  for (const id of await openChildren(dependencies.database.kysely, caller, parentRunId))
    await cancelRun(dependencies, caller, id)
}

/**
 * Stops a run, and those that it has started. One that nobody works on ends at once; a running one ends as soon as its worker hears of it, within seconds at the most.
 * A run that has ended stays as it is. @throws CausewayError not-found
 */
export async function cancelRun(dependencies: CancelDependencies, caller: Canceller, runId: string): Promise<Run> {
  const { database, approvals, audit } = dependencies
  await database.transaction(async transaction => {
    const run = await lockRun(transaction, caller, runId)
    if (!run) throw new CausewayError('not-found', `There is no run ${runId} in ${caller.environment}.`)
    if (hasEnded(run.status)) return
    await appendEvents(transaction, {
      runId,
      fence: null,
      events: [{ type: 'cancel-requested', data: { requestedBy: caller.actor } }],
    })
    await requestCancel(transaction, caller, runId)
    await audit.record(transaction, {
      organisationId: caller.organisationId,
      environment: caller.environment,
      actor: caller.actor,
      action: 'run.cancelled',
      subject: runId,
      detail: {},
    })
    if (run.status === 'running') return
    await approvals.withdraw(transaction, caller, runId)
    const fold = new SessionFold(runId)
    for (const event of await readWholeSession(transaction, caller, run.sessionId)) fold.add(event)
    const { spent } = fold.state()
    const found = await findRun(transaction, caller, runId)
    await appendEvents(transaction, {
      runId,
      fence: null,
      events: [
        {
          type: 'run-ended',
          data: {
            status: 'cancelled',
            reason: 'cancelled',
            output: null,
            spent: { ...spent, seconds: found?.spent.seconds ?? 0 },
          },
        },
      ],
      progress: { status: 'cancelled', ended: { output: null, reason: 'cancelled', message: null, limit: null } },
    })
    if (run.parentRunId !== null) await resumeIfWaiting(transaction, dependencies, caller, run.parentRunId)
  })
  await cancelChildren(dependencies, caller, runId)
  const run = await findRun(database.kysely, caller, runId)
  if (!run) throw new CausewayError('not-found', `There is no run ${runId} in ${caller.environment}.`)
  return run
}
