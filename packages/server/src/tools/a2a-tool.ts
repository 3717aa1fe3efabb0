import { setTimeout as sleep } from 'node:timers/promises'
import { Role, TaskState, type Part, type Task } from '@a2a-js/sdk'
import {
  ClientFactory,
  DefaultAgentCardResolver,
  JsonRpcTransportFactory,
  RestTransportFactory,
  type Client,
} from '@a2a-js/sdk/client'
import { A2AError } from '@a2a-js/sdk/errors'
import { CausewayError, type A2aImplementation } from '@causeway/contracts'
import type { Egress } from '../egress/index.ts'
import { handlesIn, type Secrets } from '../secrets/index.ts'
import { connectionFailure } from './connection-failure.ts'
import type { SignedIn, ToolSignIn } from './sign-in.ts'
import { Accepted, type AttemptTool, type ToolCall } from './tool-call.ts'

/** What a remote agent has answered. */
interface RemoteAnswer {
  state: 'completed' | 'input-required' | 'auth-required'
  text: string
  taskId: string | null
  contextId: string | null
}

/** How often a task is looked at before the run gives up its place, in milliseconds: most agents answer at once. */
const firstLooksMs = [200, 500, 1_000]

/**
 * Calls an agent elsewhere over A2A 1.0, with the official client. A task that takes longer is asked after, and the run waits meanwhile.
 * Nothing is sent to another host than the one that was reviewed, whatever the card of the agent says.
 */
export function createA2aTool({
  secrets,
  egress,
  signIn,
}: {
  secrets: Secrets
  egress: Egress
  signIn: ToolSignIn
}): AttemptTool {
  const headersFor = async (call: ToolCall, implementation: A2aImplementation) => {
    await secrets.ready(call.scope, handlesIn(implementation.headers))
    const signedIn = implementation.auth && (await signIn(call, implementation.auth))
    const own = Object.entries(implementation.headers).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : secrets.resolve(call.scope, value, 'tool'),
    ])
    return { headers: { ...Object.fromEntries(own), ...signedIn?.headers } as Record<string, string>, signedIn }
  }

  const clientFor = async (call: ToolCall, implementation: A2aImplementation) => {
    const { headers, signedIn } = await headersFor(call, implementation)
    const { origin } = new URL(implementation.url)
    const fetchImpl = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
      const url = new URL(input instanceof Request ? input.url : input)
      if (url.origin !== origin)
        throw new CausewayError('egress-denied', `The card of the agent leads to ${url.origin}, not to ${origin}.`)
      const sent = new Headers(init.headers)
      for (const [name, value] of Object.entries(headers)) sent.set(name, value)
      // The types of undici and of Node for the same standard differ in names only.
      const response = (await egress.fetch(url, { ...init, headers: Object.fromEntries(sent) } as never)) as never
      return response
    }
    const factory = new ClientFactory({
      cardResolver: new DefaultAgentCardResolver({ fetchImpl }),
      transports: [new JsonRpcTransportFactory({ fetchImpl }), new RestTransportFactory({ fetchImpl })],
    })
    const base = implementation.url.endsWith('/') ? implementation.url : `${implementation.url}/`
    const client = await factory.createFromUrl(base).catch((cause: unknown) => {
      throw ownError(cause) ?? connectionFailure(cause, 'tool-failed')
    })
    return { client, signedIn }
  }

  return async (call, signal) => {
    const { implementation } = call.spec
    if (implementation.type !== 'a2a') throw new CausewayError('internal', `${call.tool} is no remote agent.`)
    const { client, signedIn } = await clientFor(call, implementation)
    try {
      const answer =
        typeof call.before === 'object'
          ? await look(client, call.before.accepted, signal)
          : await send(client, call, signal)
      return answer instanceof Accepted ? answer : redacted(answer, secrets, signedIn)
    } catch (cause) {
      signal.throwIfAborted()
      throw ownError(cause) ?? refusal(cause) ?? connectionFailure(cause, 'tool-outcome-unknown')
    }
  }
}

const redacted = (answer: RemoteAnswer, secrets: Secrets, signedIn: SignedIn | undefined): RemoteAnswer => ({
  ...answer,
  text: secrets.redact(signedIn ? signedIn.redact(answer.text) : answer.text),
})

async function send(client: Client, call: ToolCall, signal: AbortSignal): Promise<RemoteAnswer | Accepted> {
  const { message, taskId, contextId, ...rest } = call.arguments
  const said = typeof message === 'string' && Object.keys(rest).length === 0
  const text = said ? message : JSON.stringify(message === undefined ? rest : { message, ...rest })
  const answer = await client.sendMessage(
    {
      tenant: '',
      message: {
        // The same for each attempt at the same call, so that the agent can tell.
        messageId: call.effectKey,
        contextId: typeof contextId === 'string' ? contextId : '',
        taskId: typeof taskId === 'string' ? taskId : '',
        role: Role.ROLE_USER,
        parts: [
          { content: { $case: 'text', value: text }, metadata: undefined, filename: '', mediaType: 'text/plain' },
        ],
        metadata: undefined,
        extensions: [],
        referenceTaskIds: [],
      },
      configuration: {
        acceptedOutputModes: ['text/plain'],
        taskPushNotificationConfig: undefined,
        returnImmediately: true,
      },
      metadata: undefined,
    },
    { signal },
  )
  if (!('status' in answer))
    return { state: 'completed', text: textOf(answer.parts), taskId: null, contextId: answer.contextId || null }
  let task: Task = answer
  for (const waitMs of firstLooksMs) {
    const read = answerOf(task)
    if (!(read instanceof Accepted)) return read
    await sleep(waitMs, undefined, { signal })
    task = await client.getTask({ tenant: '', id: task.id }, { signal })
  }
  return answerOf(task)
}

const look = async (client: Client, id: string, signal: AbortSignal): Promise<RemoteAnswer | Accepted> =>
  answerOf(await client.getTask({ tenant: '', id }, { signal }))

/** What a task says, if it says anything yet. @throws CausewayError tool-failed */
function answerOf({ id, contextId, status, artifacts }: Task): RemoteAnswer | Accepted {
  const said = textOf(status?.message?.parts ?? [])
  const place = { taskId: id, contextId: contextId || null }
  const state = status?.state
  if (state === TaskState.TASK_STATE_COMPLETED)
    return { state: 'completed', text: textOf(artifacts.flatMap(({ parts }) => parts)) || said, ...place }
  if (state === TaskState.TASK_STATE_INPUT_REQUIRED) return { state: 'input-required', text: said, ...place }
  if (state === TaskState.TASK_STATE_AUTH_REQUIRED) return { state: 'auth-required', text: said, ...place }
  if (state !== undefined && endedWithout.has(state))
    throw new CausewayError('tool-failed', `The agent did not do it: ${(said || 'no reason').slice(0, 2000)}`)
  return new Accepted(id)
}

const endedWithout: ReadonlySet<TaskState> = new Set([
  TaskState.TASK_STATE_FAILED,
  TaskState.TASK_STATE_CANCELED,
  TaskState.TASK_STATE_REJECTED,
])

/** Texts and data of parts; other content is named, not brought in. */
const textOf = (parts: readonly Part[]): string =>
  parts
    .map(({ content }) => {
      if (content?.$case === 'text') return content.value
      return content?.$case === 'data' ? JSON.stringify(content.value) : `[${content?.$case ?? 'nothing'}]`
    })
    .join('\n')

/** An error of the protocol is an answer. */
const refusal = (cause: unknown): CausewayError | undefined =>
  cause instanceof A2AError
    ? new CausewayError('tool-failed', `The agent refuses: ${cause.message.slice(0, 2000)}`, { cause })
    : undefined

/** What this platform says itself, however deep the client has wrapped it. */
function ownError(cause: unknown): CausewayError | undefined {
  for (let each: unknown = cause; each instanceof Error; each = each.cause)
    if (each instanceof CausewayError) return each
  return undefined
}
