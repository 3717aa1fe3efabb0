import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { databaseKinds } from '../src/database/testing/index.ts'
import { type ScriptedWorld, looksUp, startScriptedWorld } from '../src/testing/scripted-world.ts'

const clientOf = ({ causeway }: ScriptedWorld, apiKey = causeway.adminKey): OpenAI =>
  new OpenAI({ baseURL: `${causeway.url}/v1`, apiKey, maxRetries: 0 })

describe.each(databaseKinds)('an agent as a model on %s', kind => {
  test('answers the official clients of OpenAI, whole and streamed, and is listed [I5.openai-responses]', async () => {
    await using world = await startScriptedWorld({ kind, model: looksUp })
    const client = clientOf(world)
    const listed: string[] = []
    for await (const { id } of client.models.list()) listed.push(id)
    expect(listed).toContain('agent:clerk')

    const model = 'agent:clerk'
    const messages = [{ role: 'user' as const, content: 'Where is 1042?' }]
    const { data, response } = await client.chat.completions.create({ model, messages }).withResponse()
    expect(data.choices[0]).toMatchObject({
      message: { role: 'assistant', content: 'It is packing, after 4 messages.' },
      finish_reason: 'stop',
    })
    expect(data.usage?.prompt_tokens).toBeGreaterThan(0)
    const run = await world.causeway.admin.runs.get(response.headers.get('causeway-run') ?? '')
    expect(run).toMatchObject({ agent: 'clerk', status: 'succeeded', input: 'Where is 1042?' })
    expect(data.id).toBe(`chatcmpl-${run.id.replace('run_', '')}`)

    let text = ''
    for await (const { choices } of await client.chat.completions.create({ model, messages, stream: true }))
      text += choices[0]?.delta.content ?? ''
    expect(text).toBe('It is packing, after 4 messages.')

    const first = await client.responses.create({ model, input: 'Where is 1042?' })
    expect(first.output_text).toBe('It is packing, after 4 messages.')
    const stream = client.responses.stream({ model, input: 'And now?', previous_response_id: first.id })
    const second = await stream.finalResponse()
    expect(second.output_text).toBe('It is packing, after 8 messages.')
    expect((await client.responses.retrieve(second.id)).output_text).toBe(second.output_text)
    const runs = (await world.causeway.admin.runs.list()).data
    expect(runs).toHaveLength(4)
    expect(runs[0]?.sessionId).toBe(runs[1]?.sessionId)
    expect(world.world.calls).toHaveLength(4)
  })

  test('answers the official client of Anthropic too, and knows what was said before [I5.openai-responses]', async () => {
    await using world = await startScriptedWorld({ kind, model: looksUp })
    const client = new Anthropic({ baseURL: world.causeway.url, apiKey: world.causeway.adminKey, maxRetries: 0 })
    const answer = await client.messages.create({
      model: 'agent:clerk',
      max_tokens: 100,
      messages: [
        { role: 'user', content: 'Hello.' },
        { role: 'assistant', content: 'Hello, which order?' },
        { role: 'user', content: '1042' },
      ],
    })
    expect(answer.content).toMatchObject([{ type: 'text', text: 'It is packing, after 6 messages.' }])
    const [run] = (await world.causeway.admin.runs.list()).data
    expect(run?.input).toBe('1042')
    const events = await world.causeway.admin.runs.events(run?.id ?? '')
    const called = events.find(({ type }) => type === 'tool-called')
    // What an assistant is said to have said may come from anywhere.
    expect(called?.type === 'tool-called' && called.data.decision.context).toMatchObject({
      integrity: 'untrusted',
      origins: ['history'],
    })
  })

  test('says that a person must decide, and goes on in the session when that is done [I5.openai-responses, A1.resume]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: looksUp,
      governance: { lookup: { approval: 'always' } },
    })
    const { admin } = world.causeway
    const client = clientOf(world)
    const answer = await client.responses.create({ model: 'agent:clerk', input: 'Where is 1042?' })
    expect(answer.output_text).toMatch(/^A person must decide first whether lookup is called \(approval_/)
    const [approval] = (await admin.approvals.list({ status: 'pending' })).data
    await expect(
      client.responses.create({ model: 'agent:clerk', input: 'And?', previous_response_id: answer.id }),
    ).rejects.toMatchObject({ status: 409, code: 'session-busy' })
    await admin.approvals.decide(approval?.id ?? '', { outcome: 'approve' })
    await expect.poll(async () => (await admin.runs.get(approval?.runId ?? '')).status).toBe('succeeded')
    expect(world.world.calls).toHaveLength(1)
  })

  test('is stopped when its client leaves, and refuses what an agent cannot do [I5.openai-responses, A1.cancel]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: { respond: async () => ({ text: 'late', delayMs: 20_000 }) },
    })
    const { admin, clientOf: keyOf } = world.causeway
    const client = clientOf(world)
    const leaving = new AbortController()
    const left = client.chat.completions.create(
      { model: 'agent:clerk', messages: [{ role: 'user', content: 'x' }] },
      { signal: leaving.signal },
    )
    await expect.poll(async () => (await admin.runs.list({ status: 'running' })).data.length, { timeout: 5000 }).toBe(1)
    leaving.abort()
    await expect(left).rejects.toThrow('aborted')
    await expect.poll(async () => (await admin.runs.list()).data[0]?.status, { timeout: 5000 }).toBe('cancelled')

    const ask = (more: object, of = client) =>
      of.chat.completions.create({ model: 'agent:clerk', messages: [{ role: 'user', content: 'x' }], ...more })
    await expect(
      ask({ tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }] }),
    ).rejects.toMatchObject({ status: 400 })
    await expect(ask({ model: 'agent:nobody' })).rejects.toMatchObject({ status: 404 })
    await expect(ask({ messages: [] })).rejects.toMatchObject({ status: 400 })
    await expect(
      client.responses.create({ model: 'agent:clerk', input: 'x', previous_response_id: `resp_${'0'.repeat(32)}` }),
    ).rejects.toMatchObject({ status: 404 })
    await expect(ask({ model: `agent:${'x'.repeat(100)}` })).rejects.toMatchObject({ status: 400 })
    await expect(ask({ messages: [{ role: 'user', content: 'x'.repeat(1_000_001) }] })).rejects.toMatchObject({
      status: 400,
      code: 'invalid-request',
    })
    await expect(ask({}, clientOf(world, (await keyOf('viewer')).key))).rejects.toMatchObject({ status: 403 })
  })
})
