import { Role, TaskState, type Artifact, type Message, type Part, type Task, type TaskStatus } from '@a2a-js/sdk'
import type { Run } from '@causeway/contracts'

/** The answer of an agent is one artifact, which each step of it begins anew. */
const answerId = 'answer'

export const textPart = (text: string): Part => ({
  content: { $case: 'text', value: text },
  metadata: undefined,
  filename: '',
  mediaType: 'text/plain',
})

export const answerArtifact = (text: string): Artifact => ({
  artifactId: answerId,
  name: answerId,
  description: '',
  parts: [textPart(text)],
  metadata: undefined,
  extensions: [],
})

/** What somebody must do first. */
export interface Asks {
  text: string
  state: TaskState.TASK_STATE_AUTH_REQUIRED | TaskState.TASK_STATE_INPUT_REQUIRED
}

const states = {
  queued: TaskState.TASK_STATE_SUBMITTED,
  running: TaskState.TASK_STATE_WORKING,
  // For another run; who waits for a person says what for.
  waiting: TaskState.TASK_STATE_WORKING,
  succeeded: TaskState.TASK_STATE_COMPLETED,
  failed: TaskState.TASK_STATE_FAILED,
  limited: TaskState.TASK_STATE_FAILED,
  cancelled: TaskState.TASK_STATE_CANCELED,
} as const satisfies Record<Run['status'], TaskState>

/** How a run stands. */
export function statusOf(run: Run, asks: Asks | undefined): TaskStatus {
  const said = asks?.text ?? run.message
  return {
    state: asks?.state ?? states[run.status],
    message: said === null ? undefined : messageOf(run, Role.ROLE_AGENT, said),
    timestamp: run.updatedAt,
  }
}

/** A run as a task, whose context is the session. */
export function taskOf(
  run: Run,
  { asks, historyLength }: { asks: Asks | undefined; historyLength: number | undefined },
): Task {
  return {
    id: run.id,
    contextId: run.sessionId,
    status: statusOf(run, asks),
    artifacts: run.output === null ? [] : [answerArtifact(run.output)],
    history: historyLength === 0 ? [] : [messageOf(run, Role.ROLE_USER, run.input)],
    metadata: undefined,
  }
}

const messageOf = ({ id, sessionId }: Run, role: Role, text: string): Message => ({
  messageId: `${id}-${role === Role.ROLE_USER ? 'input' : 'status'}`,
  contextId: sessionId,
  taskId: id,
  role,
  parts: [textPart(text)],
  metadata: undefined,
  extensions: [],
  referenceTaskIds: [],
})
