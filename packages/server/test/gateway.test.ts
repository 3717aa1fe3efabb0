import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { databaseKinds } from '../src/database/testing/index.ts'
import { startScriptedWorld } from '../src/testing/scripted-world.ts'

describe.each(databaseKinds)('the model API on %s', kind => {
  test('the official client chats, streams and lists, under policy, ledger, audit and metrics [C1.chat-completions-official-client, C1.streaming, C1.models-list, C4.reserve-before-call, C6.allowed-models]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: { respond: () => ({ text: 'Good morning.' }) },
      cedar:
        '@id("no-guests") forbid (principal, action == Action::"call-model", resource) when { context.role == "operator" };',
    })
    const { url, adminKey, admin } = world.causeway
    const client = new OpenAI({ apiKey: adminKey, baseURL: `${url}/v1`, maxRetries: 0 })
    const messages = [{ role: 'user' as const, content: 'hello' }]
    const answer = await client.chat.completions.create({ model: 'clerk', messages, seed: 7 })
    expect(answer.choices[0]?.message.content).toBe('Good morning.')
    expect(world.model.requests[0]).toMatchObject({ model: 'gpt-4o-mini', body: { seed: 7 } })
    let text = ''
    for await (const chunk of await client.chat.completions.create({ model: 'clerk', messages, stream: true }))
      text += chunk.choices[0]?.delta.content ?? ''
    expect(text).toBe('Good morning.')
    expect((await client.models.list()).data.map(({ id }) => id)).toContain('clerk')
    await expect(client.chat.completions.create({ model: 'nobody', messages })).rejects.toMatchObject({
      status: 404,
      code: 'model-not-found',
    })

    const operator = await world.causeway.clientOf('operator')
    const refused = new OpenAI({ apiKey: operator.key, baseURL: `${url}/v1`, maxRetries: 0 })
    await expect(refused.chat.completions.create({ model: 'clerk', messages })).rejects.toMatchObject({
      status: 403,
      code: 'policy-denied',
    })
    const viewer = await world.causeway.clientOf('viewer')
    await expect(
      new OpenAI({ apiKey: viewer.key, baseURL: `${url}/v1`, maxRetries: 0 }).models.list(),
    ).rejects.toMatchObject({ status: 403 })

    // Decisions that let a call pass are written down a moment later; those of one moment that are alike are one row.
    const allowed = async (): Promise<number> =>
      (await admin.audit.list({ action: 'model.allow' })).data.reduce(
        (sum, { detail }) => sum + Number(detail['calls']),
        0,
      )
    await expect.poll(allowed).toBe(2)
    expect((await admin.audit.list({ action: 'model.deny' })).data).toHaveLength(1)
    expect((await admin.audit.verify()).valid).toBe(true)
    for (const authorization of ['Bearer cw_nobody', 'Bearer x'])
      expect((await fetch(`${url}/v1/models`, { headers: { authorization } })).status).toBe(401)
    const metrics = await (await fetch(`${url}/metrics`, { headers: { 'x-api-key': world.causeway.adminKey } })).text()
    expect(metrics).toMatch(/causeway_model_calls_total\{.*provider="scripted".*\} 2/)
    expect(metrics).toContain('causeway_model_calls_refused_total 2')
  })

  test('the trace of a run has spans for the run, its model calls and its tool calls [G1.genai-names]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: { turns: [{ toolCalls: [{ name: 'lookup', arguments: { order: '1' } }] }, { text: 'done' }] },
    })
    const { admin } = world.causeway
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'go' })
    await new Promise(resolve => setTimeout(resolve, 600))
    const { spans } = await admin.traces.get(run.traceId)
    expect(spans.map(({ name }) => name).toSorted()).toEqual([
      'chat gpt-4o-mini',
      'chat gpt-4o-mini',
      'execute_tool lookup',
      'invoke_agent clerk',
    ])
    const root = spans.find(({ name }) => name === 'invoke_agent clerk')
    expect(spans.filter(({ parentSpanId }) => parentSpanId === root?.spanId)).toHaveLength(3)
    expect(spans.find(({ name }) => name.startsWith('chat'))?.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.usage.input_tokens': 10,
    })
    expect(JSON.stringify(spans)).not.toContain('done')
  })
})
