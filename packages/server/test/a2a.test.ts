import { Role, StreamResponse, TaskState, type Task } from '@a2a-js/sdk'
import {
  ClientFactory,
  DefaultAgentCardResolver,
  JsonRpcTransportFactory,
  RestTransportFactory,
  type Client,
} from '@a2a-js/sdk/client'
import { describe, expect, test } from 'vitest'
import { anyKind, databaseKinds } from '../src/database/testing/index.ts'
import { fakeUpstream } from '../src/models/testing/fake-upstream.ts'
import { calls, looksUp, startScriptedWorld, type ScriptedWorld } from '../src/testing/scripted-world.ts'

/** The official client, which knows the address of the agent only. */
async function clientOf({ causeway }: ScriptedWorld, transport: 'JSONRPC' | 'HTTP+JSON'): Promise<Client> {
  const fetchImpl: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers)
    headers.set('authorization', `Bearer ${causeway.adminKey}`)
    return fetch(input, { ...init, headers })
  }
  const factory = new ClientFactory({
    cardResolver: new DefaultAgentCardResolver({ fetchImpl }),
    transports: [
      transport === 'JSONRPC' ? new JsonRpcTransportFactory({ fetchImpl }) : new RestTransportFactory({ fetchImpl }),
    ],
  })
  return factory.createFromUrl(`${causeway.url}/v1/agents/clerk/a2a/`)
}

let messages = 0
const request = (text: string, more: { contextId?: string; taskId?: string } = {}) => ({
  tenant: '',
  message: {
    messageId: `message-${process.pid}-${++messages}`,
    contextId: '',
    taskId: '',
    role: Role.ROLE_USER,
    parts: [{ content: { $case: 'text' as const, value: text }, metadata: undefined, filename: '', mediaType: '' }],
    metadata: undefined,
    extensions: [],
    referenceTaskIds: [],
    ...more,
  },
  configuration: undefined,
  metadata: undefined,
})

const textOf = ({ artifacts }: Task): string =>
  artifacts
    .flatMap(({ parts }) => parts.map(({ content }) => (content?.$case === 'text' ? content.value : '')))
    .join('')

const taskIn = (result: object): Task => {
  expect(result).toHaveProperty('status')
  return result as Task
}

describe.each(databaseKinds)('an agent over A2A on %s', kind => {
  test.each(['JSONRPC', 'HTTP+JSON'] as const)(
    'does tasks of the official client by %s, whole and streamed, in one context [I5.a2a]',
    async transport => {
      await using world = await startScriptedWorld({ kind, model: looksUp })
      const client = await clientOf(world, transport)
      expect(await client.getAgentCard()).toMatchObject({ name: 'clerk', capabilities: { streaming: true } })

      const first = taskIn(await client.sendMessage(request('Where is 1042?')))
      expect(first.status?.state).toBe(TaskState.TASK_STATE_COMPLETED)
      expect(textOf(first)).toBe('It is packing, after 4 messages.')

      const events: StreamResponse[] = []
      for await (const event of client.sendMessageStream(request('And now?', { contextId: first.contextId })))
        events.push(event)
      const kinds = events.map(({ payload }) => payload?.$case)
      expect(kinds[0]).toBe('task')
      expect(kinds).toContain('artifactUpdate')
      const [begun, last] = [events[0]?.payload, events.at(-1)?.payload]
      expect(last?.$case === 'statusUpdate' && last.value.status?.state).toBe(TaskState.TASK_STATE_COMPLETED)
      const id = begun?.$case === 'task' ? begun.value.id : ''
      const read = await client.getTask({ tenant: '', id, historyLength: 1 })
      expect([read.contextId, textOf(read)]).toEqual([first.contextId, 'It is packing, after 8 messages.'])
      expect(await world.causeway.admin.runs.get(id)).toMatchObject({ agent: 'clerk', sessionId: first.contextId })

      const listed = await client.listTasks({
        tenant: '',
        contextId: first.contextId,
        status: TaskState.TASK_STATE_UNSPECIFIED,
        pageToken: '',
        pageSize: 1,
        statusTimestampAfter: undefined,
      })
      expect([listed.tasks.map(task => task.id), listed.nextPageToken]).toEqual([[id], id])
    },
  )

  test('says that a person must decide, follows the task, and cancels it [I5.a2a, A1.cancel]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: looksUp,
      governance: { lookup: { approval: 'always' } },
    })
    const { admin } = world.causeway
    const client = await clientOf(world, 'JSONRPC')
    const waits = taskIn(await client.sendMessage(request('Where is 1042?')))
    expect(waits.status?.state).toBe(TaskState.TASK_STATE_AUTH_REQUIRED)
    expect(JSON.stringify(waits.status?.message)).toContain('A person must decide first whether lookup is called')

    const followed: (TaskState | undefined)[] = []
    const following = (async () => {
      for await (const { payload } of client.resubscribeTask({ tenant: '', id: waits.id }))
        if (payload?.$case === 'statusUpdate') followed.push(payload.value.status?.state)
    })()
    const [approval] = (await admin.approvals.list({ status: 'pending' })).data
    await admin.approvals.decide(approval?.id ?? '', { outcome: 'approve' })
    await following
    expect(followed.at(-1)).toBe(TaskState.TASK_STATE_COMPLETED)

    const other = taskIn(await client.sendMessage(request('Where is 1043?')))
    const cancelled = await client.cancelTask({ tenant: '', id: other.id, metadata: undefined })
    expect(cancelled.status?.state).toBe(TaskState.TASK_STATE_CANCELED)
    await expect(client.cancelTask({ tenant: '', id: other.id, metadata: undefined })).rejects.toThrow('has ended')
  })

  test('tells what is wrong in the terms of A2A, and shows nothing of others [I5.a2a, H1.tenancy]', async () => {
    await using world = await startScriptedWorld({ kind, model: looksUp })
    const client = await clientOf(world, 'JSONRPC')
    const rest = await clientOf(world, 'HTTP+JSON')
    for (const each of [client, rest]) {
      await expect(each.getTask({ tenant: '', id: 'run_x' })).rejects.toThrow('There is no task run_x')
      await expect(each.sendMessage(request('go', { contextId: 'session_x' }))).rejects.toThrow('no session session_x')
      await expect(each.sendMessage(request('go', { taskId: 'run_x' }))).rejects.toThrow('There is no task run_x')
      await expect(each.sendMessage(request(''))).rejects.toThrow('no text')
      await expect(each.sendMessage(request('x'.repeat(1_000_001)))).rejects.toThrow('/input: expected at most')
    }
    const { url, adminKey } = world.causeway
    const old = await fetch(`${url}/v1/agents/clerk/a2a`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json', 'a2a-version': '0.3' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'GetTask', params: { id: 'run_x' } }),
    })
    expect(await old.json()).toMatchObject({ id: 1, error: { code: -32009 } })
    expect((await fetch(`${url}/v1/agents/clerk/a2a/.well-known/agent-card.json`)).status).toBe(401)
  })
})

describe('who wants to be told how a task stands', () => {
  test.each(['JSONRPC', 'HTTP+JSON'] as const)(
    'is told by %s when it waits and when it has ended, with its credentials, which nobody can read [I5.a2a]',
    async transport => {
      await using receiver = await fakeUpstream(response => response.writeHead(204).end())
      await using world = await startScriptedWorld({
        kind: anyKind,
        model: { turns: [calls('lookup'), { text: 'Done.' }] },
        governance: { lookup: { approval: 'always' } },
      })
      const client = await clientOf(world, transport)
      expect((await client.getAgentCard()).capabilities?.pushNotifications).toBe(true)
      const push = {
        tenant: '',
        id: 'mine',
        taskId: '',
        url: `${receiver.url}/told`,
        token: 'token-of-the-task',
        authentication: { scheme: 'Bearer', credentials: 'credential-of-the-client' },
      }
      const task = taskIn(
        await client.sendMessage({
          ...request('look'),
          configuration: {
            acceptedOutputModes: [],
            taskPushNotificationConfig: push,
            historyLength: undefined,
            returnImmediately: true,
          },
        }),
      )
      await expect.poll(() => receiver.requests.length, { timeout: 10_000 }).toBe(1)
      const [approval] = (await world.causeway.admin.approvals.list({ status: 'pending' })).data
      await world.causeway.admin.approvals.decide(approval?.id ?? '', { outcome: 'approve' })
      await expect.poll(() => receiver.requests.length, { timeout: 10_000 }).toBe(2)
      const told = receiver.requests.map(({ body }) => StreamResponse.fromJSON(JSON.parse(body)).payload)
      expect(told).toMatchObject([
        { $case: 'task', value: { id: task.id, status: { state: TaskState.TASK_STATE_AUTH_REQUIRED } } },
        { $case: 'task', value: { id: task.id, status: { state: TaskState.TASK_STATE_COMPLETED } } },
      ])
      expect(receiver.requests[1]?.headers).toMatchObject({
        'content-type': 'application/a2a+json',
        'x-a2a-notification-token': 'token-of-the-task',
        authorization: 'Bearer credential-of-the-client',
      })

      const list = await client.listTaskPushNotificationConfig({
        tenant: '',
        taskId: task.id,
        pageSize: 0,
        pageToken: '',
      })
      expect(list.configs).toMatchObject([
        { id: 'mine', url: push.url, token: '', authentication: { scheme: 'Bearer', credentials: '' } },
      ])

      // Of a task that has ended one is told at once.
      await client.createTaskPushNotificationConfig({ ...push, taskId: task.id, id: 'late', token: '' })
      await expect.poll(() => receiver.requests.length, { timeout: 10_000 }).toBe(3)
      await client.deleteTaskPushNotificationConfig({ tenant: '', taskId: task.id, id: 'late' })
      await expect(client.getTaskPushNotificationConfig({ tenant: '', taskId: task.id, id: 'late' })).rejects.toThrow(
        'no push configuration',
      )
    },
  )

  test('is not told at an address inside, of a task of another agent, or with a header that breaks out [I5.a2a, B7.ssrf]', async () => {
    await using world = await startScriptedWorld({ kind: anyKind, model: looksUp })
    const client = await clientOf(world, 'JSONRPC')
    const { id: taskId } = taskIn(await client.sendMessage(request('Where is 1042?')))
    const add = (more: object): Promise<unknown> =>
      client.createTaskPushNotificationConfig({
        tenant: '',
        id: '',
        taskId,
        url: 'https://example.com/told',
        token: '',
        authentication: undefined,
        ...more,
      })
    await expect(add({ url: 'http://169.254.169.254/latest' })).rejects.toThrow('private address')
    await expect(add({ url: 'file:///etc/passwd' })).rejects.toThrow('push configuration is wrong')
    await expect(add({ token: 'a\r\nx-evil: 1' })).rejects.toThrow('visible characters')
    await expect(add({ taskId: 'run_other' })).rejects.toThrow('There is no task')
  })
})
