import type { EventData, NewEvent } from '@causeway/contracts'
import { v7 as uuid } from 'uuid'
import { appendEvents } from './event-log-store.ts'
import { hasOneEnded } from './child-run.ts'
import { markQueued } from './run-store.ts'
import { flush, type Segment } from './segment.ts'
import { bindingOf, type ApprovalNeed } from './tool-step.ts'

/** How long a person has to decide, in milliseconds: a week. */
const approvalMs = 7 * 24 * 3600 * 1000

/**
 * Lets the run wait for people and for the runs that it has started: nothing is held while it waits, and a decision or the end of such a run
 * enqueues the next segment. A run that has just ended did not see this one wait, so that is looked for after the status is set, under the
 * lock of the row that `resumeParent` takes too.
 */
export async function waitFor(
  segment: Segment,
  { needs, children }: { needs: readonly ApprovalNeed[]; children: readonly string[] },
): Promise<void> {
  const { dependencies, run } = segment
  const requested = needs.map(({ call, tool, arguments: values, decision }): EventData<'approval-requested'> => ({
    callId: call.callId,
    tool: tool.manifest.name,
    toolVersion: tool.version,
    approvalId: `approval_${uuid()}`,
    arguments: values,
    binding: bindingOf(run.id, tool.version, values),
    decision,
    expiresAt: new Date(Date.now() + approvalMs).toISOString(),
  }))
  await flush(segment)
  const workedMs = performance.now() - segment.accountedAt
  await dependencies.database.transaction(async transaction => {
    for (const each of requested) {
      await dependencies.approvals.request(transaction, run.scope, {
        ...each,
        runId: run.id,
        sessionId: run.sessionId,
        agent: run.agent,
        requestedBy: run.requestedBy,
      })
      await dependencies.audit.record(transaction, {
        organisationId: run.scope.organisationId,
        environment: run.environment,
        actor: `agent:${run.agent}`,
        action: 'approval.requested',
        subject: each.approvalId,
        detail: { runId: run.id, tool: each.tool, binding: each.binding },
      })
    }
    await appendEvents(transaction, {
      runId: run.id,
      fence: run.fence,
      events: requested.map((data): NewEvent => ({ type: 'approval-requested', data })),
      progress: { status: 'waiting', workedMs },
    })
    if (!(await hasOneEnded(transaction, run.scope, children))) return
    await markQueued(transaction, run.scope, run.id)
    await dependencies.jobs.enqueue(transaction, { queue: 'run-segments', data: { runId: run.id } })
  })
}
