import {
  TaskState,
  type CancelTaskRequest,
  type DeleteTaskPushNotificationConfigRequest,
  type GetTaskPushNotificationConfigRequest,
  type ListTaskPushNotificationConfigsRequest,
  type TaskPushNotificationConfig,
  type GetTaskRequest,
  type ListTasksRequest,
  type Message,
  type SendMessageRequest,
  type StreamResponse,
  type SubscribeToTaskRequest,
  type Task,
} from '@a2a-js/sdk'
import {
  ContentTypeNotSupportedError,
  ExtendedAgentCardNotConfiguredError,
  RequestMalformedError,
  TaskNotCancelableError,
  TaskNotFoundError,
  UnsupportedOperationError,
} from '@a2a-js/sdk/errors'
import type { A2ARequestHandler } from '@a2a-js/sdk/server'
import {
  AttachmentType,
  CausewayError,
  hasEnded,
  type NewAttachment,
  type Run,
  type RunStatus,
} from '@causeway/contracts'
import {
  cancelRun,
  createRun,
  findRun,
  listRuns,
  settledRun,
  type CreateRunDependencies,
  type EventSource,
} from '../../agents/index.ts'
import type { Approvals } from '../../approvals/index.ts'
import type { TraceContext } from '../../http/index.ts'
import type { Caller } from '../../identity/index.ts'
import { answerInSession } from '../open-question.ts'
import { createTextOfSteps } from '../text-of-steps.ts'
import { agentCardOf } from './agent-card.ts'
import { asksOf, currentTask } from './current-task.ts'
import type { Pushes } from './pushes.ts'
import { tellErrors } from './tell-errors.ts'
import { answerArtifact, statusOf } from './task-of-run.ts'

export interface A2aDependencies extends CreateRunDependencies, EventSource {
  approvals: Approvals
  pushes: Pushes
}

interface A2aOptions {
  caller: Caller
  agent: string
  /** Address under which the agent is reached. */
  url: string
  /** Aborted when the client has left. */
  signal: AbortSignal
  /** Where in a trace of the client it was asked for. */
  trace?: TraceContext | undefined
  /** Told of what failed inside Causeway. */
  report: (error: unknown) => void
}

/** How long a client waits for a task in one request, in milliseconds; the task goes on after it. */
const waitAtMostMs = 600_000
const pageAtMost = 100

/** The operations of A2A 1.0 on one agent: its tasks are runs, their contexts are sessions. */
export function createRequestHandler(
  dependencies: A2aDependencies,
  { caller, agent, url, signal, trace, report }: A2aOptions,
): A2ARequestHandler {
  const { database, manifests, pushes } = dependencies
  const tell = tellErrors(report)
  const waiting = AbortSignal.any([signal, AbortSignal.timeout(waitAtMostMs)])

  const taskFrom = (run: Run, historyLength?: number): Promise<Task> =>
    currentTask(database.kysely, caller, run, historyLength)
  const existing = async (id: string): Promise<Run> => {
    const run = await findRun(database.kysely, caller, id)
    if (run?.agent !== agent) throw new TaskNotFoundError({ message: `There is no task ${id} of ${agent}.` })
    return run
  }
  const begin = async (message: Message | undefined): Promise<Run> => {
    if (message?.taskId) {
      const task = await existing(message.taskId)
      const asked = await answerInSession(dependencies, caller, {
        agent,
        sessionId: task.sessionId,
        answer: inputOf(message),
      })
      if (asked?.run.id === task.id) return asked.run
      throw new UnsupportedOperationError({
        message: 'The task asks nothing; send a message with its contextId for the next task.',
      })
    }
    const sessionId = message?.contextId
    const attachments = filesOf(message)
    const request = {
      agent,
      input: inputOf(message),
      ...(attachments.length > 0 && { attachments }),
      ...(sessionId && { sessionId }),
    }
    return createRun(dependencies, caller, request, undefined, { trace })
  }

  /** Begins a task, and tells whom the request names how it stands. */
  const beginTold = async ({
    message,
    configuration,
  }: Pick<SendMessageRequest, 'message' | 'configuration'>): Promise<Run> => {
    const run = await begin(message)
    const push = configuration?.taskPushNotificationConfig
    if (push) await pushes.add(caller, { ...push, taskId: run.id })
    return run
  }

  async function* follow(run: Run): AsyncGenerator<StreamResponse, void, undefined> {
    const { id: taskId, sessionId: contextId } = run
    yield { payload: { $case: 'task', value: await taskFrom(run) } }
    if (hasEnded(run.status)) return
    const texts = createTextOfSteps()
    let step: number | undefined
    const status = async (): Promise<StreamResponse> => {
      const now = await existing(taskId)
      const value = {
        taskId,
        contextId,
        status: statusOf(now, await asksOf(database.kysely, caller, now)),
        metadata: undefined,
      }
      return { payload: { $case: 'statusUpdate', value } }
    }
    const log = { sessionId: contextId, runId: taskId, after: 0, signal }
    for await (const each of dependencies.watch(caller, log)) {
      const piece = texts.in(each)
      if (piece) {
        const append = piece.step === step
        step = piece.step
        const artifact = answerArtifact(piece.text)
        const value = { taskId, contextId, artifact, append, lastChunk: false, metadata: undefined }
        yield { payload: { $case: 'artifactUpdate', value } }
      }
      if (!statusEvents.has(each.type)) continue
      const now = await status()
      yield now
      // The next word is the client's.
      if (
        now.payload?.$case === 'statusUpdate' &&
        now.payload.value.status?.state === TaskState.TASK_STATE_INPUT_REQUIRED
      )
        return
    }
  }

  return {
    async getAgentCard() {
      const active = await manifests.active(caller, 'Agent', agent)
      if (!active) throw new CausewayError('not-found', `There is no agent ${agent} in ${caller.environment}.`)
      return agentCardOf(active.manifest, { version: active.version, url })
    },
    getAuthenticatedExtendedAgentCard: () =>
      Promise.reject(new ExtendedAgentCardNotConfiguredError({ message: 'The card says everything.' })),

    sendMessage: tell.answer(async ({ message, configuration }: SendMessageRequest) => {
      const run = await beginTold({ message, configuration })
      const now = configuration?.returnImmediately ? run : await settledRun(dependencies, caller, run, waiting)
      return taskFrom(now, configuration?.historyLength)
    }),
    sendMessageStream: tell.stream(async function* (request: SendMessageRequest) {
      yield* follow(await beginTold(request))
    }),
    resubscribe: tell.stream(async function* ({ id }: SubscribeToTaskRequest) {
      const run = await existing(id)
      if (hasEnded(run.status))
        throw new UnsupportedOperationError({ message: `The task ${id} has ended; read it instead.` })
      yield* follow(run)
    }),
    getTask: tell.answer(async ({ id, historyLength }: GetTaskRequest) => taskFrom(await existing(id), historyLength)),

    listTasks: tell.answer(
      async ({ contextId, status, pageSize, pageToken, historyLength, includeArtifacts }: ListTasksRequest) => {
        const limit = Math.min(Math.max(1, pageSize || 50), pageAtMost)
        const wanted = statusOfState.get(status)
        if (!statusOfState.has(status)) return { tasks: [], nextPageToken: '', pageSize: limit, totalSize: 0 }
        const filters = { agent, ...(contextId && { sessionId: contextId }), ...(wanted && { status: wanted }) }
        const runs = await listRuns(database.kysely, caller, filters, {
          before: pageToken || undefined,
          limit: limit + 1,
        })
        const page = runs.slice(0, limit)
        const tasks = await Promise.all(page.map(run => taskFrom(run, historyLength)))
        return {
          tasks: includeArtifacts ? tasks : tasks.map(task => ({ ...task, artifacts: [] })),
          nextPageToken: runs.length > limit ? (page.at(-1)?.id ?? '') : '',
          pageSize: limit,
          totalSize: page.length,
        }
      },
    ),
    cancelTask: tell.answer(async ({ id }: CancelTaskRequest) => {
      if (hasEnded((await existing(id)).status))
        throw new TaskNotCancelableError({ message: `The task ${id} has ended.` })
      await cancelRun(dependencies, caller, id)
      return taskFrom(await settledRun(dependencies, caller, await existing(id), waiting))
    }),

    createTaskPushNotificationConfig: tell.answer(async (config: TaskPushNotificationConfig) => {
      await existing(config.taskId)
      return pushes.add(caller, config)
    }),
    getTaskPushNotificationConfig: tell.answer(async ({ taskId, id }: GetTaskPushNotificationConfigRequest) => {
      await existing(taskId)
      const push = await pushes.get(caller, taskId, id)
      if (!push) throw new TaskNotFoundError({ message: `The task ${taskId} has no push configuration ${id}.` })
      return push
    }),
    listTaskPushNotificationConfigs: tell.answer(async ({ taskId }: ListTaskPushNotificationConfigsRequest) => {
      await existing(taskId)
      return { configs: await pushes.list(caller, taskId), nextPageToken: '' }
    }),
    deleteTaskPushNotificationConfig: tell.answer(async ({ taskId, id }: DeleteTaskPushNotificationConfigRequest) => {
      await existing(taskId)
      await pushes.remove(caller, taskId, id)
    }),
  }
}

/** Events after which the state of a task may be another. */
const statusEvents: ReadonlySet<string> = new Set([
  'segment-started',
  'approval-requested',
  'question-asked',
  'run-ended',
])

/** What the message says, as text. */
function inputOf(message: Message | undefined): string {
  const texts = (message?.parts ?? []).flatMap(({ content }) => {
    if (content?.$case === 'text') return [content.value]
    return content?.$case === 'data' ? [JSON.stringify(content.value)] : []
  })
  const input = texts.join('\n\n')
  if (input === '') throw new RequestMalformedError({ message: 'The message has no text.' })
  return input
}

/** The files of the message. */
function filesOf(message: Message | undefined): NewAttachment[] {
  return (message?.parts ?? []).flatMap(({ content, filename, mediaType }) => {
    if (content?.$case === 'text' || content?.$case === 'data') return []
    const known = AttachmentType.safeParse(mediaType).data
    if (content?.$case !== 'raw' || !known) {
      throw new ContentTypeNotSupportedError({
        message: `The agent takes texts, data, and files as bytes: ${AttachmentType.options.join(', ')}.`,
      })
    }
    return [{ name: filename || 'file', mediaType: known, data: Buffer.from(content.value).toString('base64') }]
  })
}

/** The status of runs that a state of tasks stands for; states that are not here no run has. */
const statusOfState = new Map<TaskState, RunStatus | undefined>([
  [TaskState.TASK_STATE_UNSPECIFIED, undefined],
  [TaskState.TASK_STATE_SUBMITTED, 'queued'],
  [TaskState.TASK_STATE_WORKING, 'running'],
  [TaskState.TASK_STATE_COMPLETED, 'succeeded'],
  [TaskState.TASK_STATE_FAILED, 'failed'],
  [TaskState.TASK_STATE_CANCELED, 'cancelled'],
  [TaskState.TASK_STATE_AUTH_REQUIRED, 'waiting'],
])
