import { HttpAgent, type BaseEvent } from '@ag-ui/client'
import { describe, expect, test } from 'vitest'
import { databaseKinds } from '../src/database/testing/index.ts'
import { type ScriptedWorld, looksUp, startScriptedWorld } from '../src/testing/scripted-world.ts'

const agentOf = ({ causeway }: ScriptedWorld, threadId: string): HttpAgent =>
  new HttpAgent({
    url: `${causeway.url}/v1/agents/clerk/ag-ui`,
    headers: { authorization: `Bearer ${causeway.adminKey}` },
    threadId,
  })

/** Sends what the user says with the official client, which checks the order of the events. */
async function say(agent: HttpAgent, text: string, id: string): Promise<BaseEvent[]> {
  agent.addMessage({ id, role: 'user', content: text })
  const events: BaseEvent[] = []
  await agent.runAgent({}, { onEvent: ({ event }) => void events.push(event) })
  return events
}

describe.each(databaseKinds)('an agent over AG-UI on %s', kind => {
  test('answers the official client, with its tools, and goes on in the thread [I5.ag-ui]', async () => {
    await using world = await startScriptedWorld({ kind, model: looksUp })
    const agent = agentOf(world, 'thread-1')
    const events = await say(agent, 'Where is 1042?', 'm1')
    const types = events.map(({ type }): string => type)
    expect(types[0]).toBe('RUN_STARTED')
    expect(types).toEqual(
      expect.arrayContaining(['TOOL_CALL_START', 'TOOL_CALL_ARGS', 'TOOL_CALL_END', 'TOOL_CALL_RESULT']),
    )
    expect(events.at(-1)).toMatchObject({ type: 'RUN_FINISHED', outcome: { type: 'success' } })
    expect(agent.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant'])
    expect(agent.messages.at(-1)?.content).toBe('It is packing, after 4 messages.')

    await say(agent, 'And now?', 'm2')
    expect(agent.messages.at(-1)?.content).toBe('It is packing, after 8 messages.')
    const runs = (await world.causeway.admin.runs.list()).data
    expect(new Set(runs.map(({ sessionId }) => sessionId)).size).toBe(1)
    await say(agentOf(world, 'thread-2'), 'Hello', 'm1')
    expect(new Set((await world.causeway.admin.runs.list()).data.map(({ sessionId }) => sessionId)).size).toBe(2)
  })

  test('is interrupted where a person must decide, and goes on with the answer [I5.ag-ui, A1.resume]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: looksUp,
      governance: { lookup: { approval: 'always' } },
    })
    const agent = agentOf(world, 'thread-1')
    const last = (await say(agent, 'Where is 1042?', 'm1')).at(-1)
    const { outcome } = last as unknown as { outcome: { interrupts: { id: string }[] } }
    expect(outcome).toMatchObject({
      type: 'interrupt',
      interrupts: [{ reason: 'tool_call', message: expect.stringContaining('lookup') as string }],
    })
    const events: BaseEvent[] = []
    const [interrupt] = outcome.interrupts
    await agent.runAgent(
      { resume: [{ interruptId: interrupt?.id ?? '', status: 'resolved', payload: { approved: true } }] },
      { onEvent: ({ event }) => void events.push(event) },
    )
    expect(events.at(-1)).toMatchObject({ type: 'RUN_FINISHED', outcome: { type: 'success' } })
    expect(world.world.calls).toHaveLength(1)
  })

  test('tells how a run has failed, and what is wrong with a request [I5.ag-ui]', async () => {
    await using world = await startScriptedWorld({ kind, model: { respond: () => ({ fault: { status: 400 } }) } })
    const events: BaseEvent[] = []
    const agent = agentOf(world, 'thread-1')
    agent.addMessage({ id: 'm1', role: 'user', content: 'go' })
    await agent.runAgent({}, { onEvent: ({ event }) => void events.push(event) }).catch(() => undefined)
    expect(events.at(-1)).toMatchObject({ type: 'RUN_ERROR', code: 'request-refused' })
    const { url, adminKey } = world.causeway
    const answer = await fetch(`${url}/v1/agents/clerk/ag-ui`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ threadId: 't', runId: 'r', messages: [] }),
    })
    expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'invalid-request' }])
    const wrong = await fetch(`${url}/v1/agents/clerk/ag-ui`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        threadId: 't',
        runId: 'r',
        messages: [],
        resume: [{ interruptId: 'x', payload: { approved: 'yes' } }],
      }),
    })
    expect([wrong.status, await wrong.json()]).toMatchObject([
      400,
      { problems: [{ pointer: '/body/resume/0/payload/approved' }] },
    ])
  })
})
