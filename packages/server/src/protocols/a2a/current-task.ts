import { TaskState, type Task } from '@a2a-js/sdk'
import type { Run } from '@causeway/contracts'
import { openQuestion } from '../../agents/index.ts'
import { listApprovals } from '../../approvals/index.ts'
import type { Connection, Scope } from '../../database/index.ts'
import { needsApproval, questionText } from '../text-of-steps.ts'
import { taskOf, type Asks } from './task-of-run.ts'

/** What somebody must do before a run goes on; undefined where it needs nobody. */
export async function asksOf(
  connection: Connection,
  scope: Scope,
  { id, sessionId, status }: Run,
): Promise<Asks | undefined> {
  if (status !== 'waiting') return undefined
  const question = await openQuestion(connection, scope, { id, sessionId })
  if (question) return { text: questionText(question), state: TaskState.TASK_STATE_INPUT_REQUIRED }
  const page = { before: undefined, limit: 1 }
  const [pending] = await listApprovals(connection, scope, { runId: id, status: 'pending' }, page)
  const text = pending && needsApproval({ approvalId: pending.id, tool: pending.tool })
  return text === undefined ? undefined : { text, state: TaskState.TASK_STATE_AUTH_REQUIRED }
}

/** A run as the task that it is now. */
export const currentTask = async (
  connection: Connection,
  scope: Scope,
  run: Run,
  historyLength?: number,
): Promise<Task> => taskOf(run, { asks: await asksOf(connection, scope, run), historyLength })
