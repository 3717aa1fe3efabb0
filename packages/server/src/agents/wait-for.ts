import { ApprovalTerms, type EventData, type NewEvent } from '@causeway/contracts'
import { v7 as uuid } from 'uuid'
import { appendEvents } from './event-log-store.ts'
import { hasOneEnded } from './child-run.ts'
import { enqueueRun, wakeRunAt } from './run-queue.ts'
import { markQueued } from './run-store.ts'
import { logOf } from './session-store.ts'
import { flush, type Segment } from './segment.ts'
import { bindingOf } from './call-arguments.ts'
import type { ApprovalNeed } from './tool-step.ts'

interface WaitedFor {
  needs: readonly ApprovalNeed[]
  questions: readonly EventData<'question-asked'>[]
  /** Runs that it has started. */
  children: readonly string[]
  /** When it is to go on in any case. */
  until?: Date | undefined
}

/**
 * Lets the run wait for people and for the runs that it has started: nothing is held while it waits, and a decision or the end of such a run
 * enqueues the next segment. Who decided, answered or ended while this one still worked did not see it wait and has enqueued nothing, so that
 * is looked for after the status is set, under the lock of the row that they take too.
 */
export async function waitFor(segment: Segment, { needs, questions, children, until }: WaitedFor): Promise<void> {
  const { dependencies, run } = segment
  const now = Date.now()
  const after = (seconds: number): string => new Date(now + seconds * 1000).toISOString()
  const terms = needs.map(({ tool }) => tool.manifest.spec.approvalTerms ?? ApprovalTerms.parse({}))
  const requested = needs.map(
    ({ call, tool, arguments: values, decision }, index): EventData<'approval-requested'> => ({
      callId: call.callId,
      tool: tool.manifest.name,
      toolVersion: tool.version,
      approvalId: `approval_${uuid()}`,
      arguments: values,
      binding: bindingOf(run.id, tool.version, values),
      decision,
      expiresAt: after(terms[index]?.expireAfterSeconds ?? 0),
    }),
  )
  const events = [
    ...requested.map((data): NewEvent => ({ type: 'approval-requested', data })),
    ...questions.map((data): NewEvent => ({ type: 'question-asked', data })),
  ]
  await flush(segment)
  const workedMs = performance.now() - segment.accountedAt
  await dependencies.database.transaction(async transaction => {
    for (const [index, each] of requested.entries()) {
      const { people = 1, escalateAfterSeconds = 0 } = terms[index] ?? {}
      await dependencies.approvals.request(transaction, run.scope, {
        ...each,
        runId: run.id,
        sessionId: run.sessionId,
        agent: run.agent,
        requestedBy: run.requestedBy,
        needed: people,
        escalatesAt: after(escalateAfterSeconds),
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
      events,
      progress: { status: 'waiting', workedMs },
    })
    const { lastSequence } = await logOf(transaction, run.scope, run.sessionId)
    const somebodyWrote = lastSequence > segment.sequence + events.length
    if (until) await wakeRunAt(transaction, dependencies.jobs, run.scope, { id: run.id, at: until })
    if (!somebodyWrote && !(await hasOneEnded(transaction, run.scope, children))) return
    await markQueued(transaction, run.scope, run.id)
    await enqueueRun(transaction, dependencies.jobs, run.scope, run)
  })
}
