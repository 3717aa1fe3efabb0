import { CausewayError, type Approval, type EditedCall, type EventData } from '@causeway/contracts'
import type { Approvals } from '../approvals/index.ts'
import type { Connection, Scope } from '../database/index.ts'
import type { Jobs } from '../jobs/index.ts'
import { appendEvents, FencedError } from './event-log-store.ts'
import type { Manifests } from '../manifests/index.ts'
import { bindingOf, readArguments } from './call-arguments.ts'
import { resumeIfWaiting } from './resume-if-waiting.ts'

/** Tells in the log of the run that an approval was handed up. */
export async function noteEscalation(
  connection: Connection,
  { runId, callId, tool, id, expiresAt }: Approval,
): Promise<void> {
  const data = { callId, tool, approvalId: id, expiresAt }
  try {
    await appendEvents(connection, { runId, fence: null, events: [{ type: 'approval-escalated', data }] })
  } catch (error) {
    if (!(error instanceof FencedError)) throw error
  }
}

/** Tells in the log of the run that an approval was handed on to somebody. */
export async function noteDelegation(
  connection: Connection,
  { runId, callId, tool, id }: Approval,
  said: Omit<EventData<'approval-delegated'>, 'callId' | 'tool' | 'approvalId'>,
): Promise<void> {
  const data = { callId, tool, approvalId: id, ...said }
  await appendEvents(connection, { runId, fence: null, events: [{ type: 'approval-delegated', data }] })
}

/** Puts a decision into the log of the run and, when it was the last one missing, hands the run to the queue in the same transaction. */
export function resumeAfterDecision({ jobs }: { jobs: Jobs }) {
  return async (
    connection: Connection,
    scope: Scope,
    approval: Approval & { status: 'approved' | 'denied' | 'expired' },
    approvals: Pick<Approvals, 'countPending'>,
  ): Promise<void> => {
    const { runId, callId, tool, id, status, decidedBy, comment, edited } = approval
    try {
      await appendEvents(connection, {
        runId,
        fence: null,
        events: [
          {
            type: 'approval-decided',
            data: { callId, tool, approvalId: id, outcome: status, decidedBy, comment, ...(edited && { edited }) },
          },
        ],
      })
      if ((await approvals.countPending(connection, scope, runId)) > 0) return
      await resumeIfWaiting(connection, { jobs }, scope, runId)
    } catch (error) {
      if (!(error instanceof FencedError)) throw error
    }
  }
}

/** The call of an approval with other arguments, as it would be decided on and sent. */
export function readEditedCall({ manifests }: { manifests: Manifests }) {
  return async (
    scope: Scope,
    { runId, tool, toolVersion }: Approval,
    values: Record<string, unknown>,
  ): Promise<EditedCall> => {
    const manifest = await manifests.version(scope, 'Tool', tool, toolVersion)
    if (!manifest) throw new CausewayError('conflict', `The version of ${tool} that was asked about is gone.`)
    const read = readArguments(manifest.spec, values)
    if (read instanceof CausewayError)
      throw new CausewayError('invalid-request', `${tool} does not take these arguments: ${read.message}`)
    return { arguments: read, binding: bindingOf(runId, toolVersion, read) }
  }
}
