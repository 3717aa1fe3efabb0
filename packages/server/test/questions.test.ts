import { HttpAgent } from '@ag-ui/client'
import { agent } from '@causeway/sdk'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { databaseKinds, type DatabaseKind } from '../src/database/testing/index.ts'
import { startScriptedWorld, type ScriptedWorld } from '../src/testing/scripted-world.ts'

/** An agent that asks which order is meant and pays that one. */
async function asking(kind: DatabaseKind): Promise<ScriptedWorld> {
  const world = await startScriptedWorld({
    kind,
    model: {
      respond({ messages }) {
        const last = messages.at(-1)
        if (last?.role === 'user')
          return {
            toolCalls: [{ name: 'ask-user', arguments: { question: 'Which order?', options: ['1042', '1043'] } }],
          }
        const said = String(last?.['content'])
        return /^\d+$/.test(said) ? { toolCalls: [{ name: 'pay', arguments: { order: said } }] } : { text: 'Paid.' }
      },
    },
    tools: { pay: () => ({ done: true }) },
  })
  await world.causeway.apply(
    agent({ name: 'clerk', instructions: 'Help.', model: 'clerk', tools: ['pay'], questions: true }),
  )
  return world
}

describe.each(databaseKinds)('a question to the user on %s', kind => {
  test('lets the run wait, and the answer counts as said by the user [A5.questions, B4.built-ins]', async () => {
    await using world = await asking(kind)
    const { admin, clientOf } = world.causeway
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'Pay it.' })
    expect(run.status).toBe('waiting')
    const asked = (await admin.runs.events(run.id)).find(({ type }) => type === 'question-asked')
    expect(asked?.data).toMatchObject({ question: 'Which order?', options: ['1042', '1043'] })
    await expect(admin.runs.answer(run.id, { answer: '1042', callId: 'x' })).rejects.toMatchObject({ code: 'conflict' })
    await expect((await clientOf('viewer')).runs.answer(run.id, { answer: 'x' })).rejects.toMatchObject({ status: 403 })
    await admin.runs.answer(run.id, { answer: '1042' })
    await expect
      .poll(() => admin.runs.get(run.id), { timeout: 10_000 })
      .toMatchObject({
        status: 'succeeded',
        output: 'Paid.',
        spent: { toolCalls: 1 },
      })
    const called = (await admin.runs.events(run.id)).find(({ type }) => type === 'tool-called')
    expect(called?.type === 'tool-called' && called.data.decision.arguments).toMatchObject([
      { pointer: '/order', origin: 'user-stated' },
    ])
    await expect(admin.runs.answer(run.id, { answer: '1043' })).rejects.toMatchObject({ code: 'conflict' })

    const replay = await admin.runs.wait((await admin.runs.replay(run.id)).id)
    expect(replay).toMatchObject({ status: 'succeeded', output: 'Paid.' })
    expect((await admin.runs.divergence(replay.id)).divergence).toBeNull()
    expect(world.world.calls).toHaveLength(1)
  })

  test('is answered by the next message of a chat, and over AG-UI [A5.questions, I5.openai-responses, I5.ag-ui]', async () => {
    await using world = await asking(kind)
    const { url, adminKey } = world.causeway
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: adminKey, maxRetries: 0 })
    const model = 'agent:clerk'
    const { data, response } = await client.chat.completions
      .create({ model, messages: [{ role: 'user', content: 'Pay it.' }] })
      .withResponse()
    expect(data.choices[0]?.message.content).toBe('Which order?\n- 1042\n- 1043')
    const headers = { 'causeway-session': response.headers.get('causeway-session') ?? '' }
    const next = await client.chat.completions.create(
      { model, messages: [{ role: 'user', content: '1042' }] },
      { headers },
    )
    expect(next.choices[0]?.message.content).toBe('Paid.')

    const page = new HttpAgent({
      url: `${url}/v1/agents/clerk/ag-ui`,
      headers: { authorization: `Bearer ${adminKey}` },
      threadId: 't',
    })
    for (const [id, content] of [
      ['m1', 'Pay it.'],
      ['m2', '1043'],
    ] as const) {
      page.addMessage({ id, role: 'user', content })
      await page.runAgent({})
    }
    expect(page.messages.map(({ role, content }) => [role, content])).toEqual(
      expect.arrayContaining([
        ['assistant', 'Which order?\n- 1042\n- 1043'],
        ['assistant', 'Paid.'],
      ]),
    )
    expect(world.world.calls.map(({ arguments: given }) => given)).toEqual([{ order: '1042' }, { order: '1043' }])
    expect((await world.causeway.admin.runs.list()).data).toHaveLength(2)
  })

  test('needs input over A2A, which a message to the task gives [A5.questions, I5.a2a]', async () => {
    await using world = await asking(kind)
    const { url, adminKey } = world.causeway
    const send = async (text: string, taskId = '') => {
      const message = { messageId: `m-${text}`, role: 'ROLE_USER', taskId, parts: [{ text }] }
      const answer = await fetch(`${url}/v1/agents/clerk/a2a`, {
        method: 'POST',
        headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json', 'a2a-version': '1.0' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'SendMessage', params: { message } }),
      })
      const { result, error } = (await answer.json()) as {
        result?: { task: { id: string; status: { state: string } } }
        error?: { message: string }
      }
      return { id: result?.task.id, state: result?.task.status.state, error: error?.message }
    }
    const streamed = await fetch(`${url}/v1/agents/clerk/a2a/message:stream`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json', 'a2a-version': '1.0' },
      body: JSON.stringify({ message: { messageId: 'm', role: 'ROLE_USER', parts: [{ text: 'Pay it.' }] } }),
    })
    // The stream ends where the next word is the user's.
    expect(await streamed.text()).toMatch(/TASK_STATE_INPUT_REQUIRED[^]*Which order/)
    const asked = await send('Pay it.')
    expect(asked.state).toBe('TASK_STATE_INPUT_REQUIRED')
    expect(await send('1042', asked.id)).toMatchObject({ id: asked.id, state: 'TASK_STATE_COMPLETED' })
    expect((await send('1043', asked.id)).error).toContain('asks nothing')
    expect(world.world.calls.map(({ arguments: given }) => given)).toEqual([{ order: '1042' }])
  })
})
