import { Run } from '@causeway/contracts'
import { describe, expect, test } from 'vitest'
import { databaseKinds } from '../src/database/testing/index.ts'
import { calls, startScriptedWorld } from '../src/testing/scripted-world.ts'

describe.each(databaseKinds)('a run on %s', kind => {
  test('calls a tool, answers, and its log tells all of it in order [A1.create, A1.get, A1.sessions, A2.tool-loop, B4.http, I6.two-databases]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: { turns: [calls('lookup'), { text: 'It is being packed.' }] },
    })
    const { admin } = world.causeway
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'Where is order 1042?' })
    expect(run).toMatchObject({
      status: 'succeeded',
      reason: 'completed',
      output: 'It is being packed.',
      rehearsal: false,
    })
    expect(run.spent).toMatchObject({ steps: 2, toolCalls: 1, inputTokens: 20, outputTokens: 10 })
    const events = await admin.runs.events(run.id)
    expect(events.map(({ type }) => type)).toEqual([
      'run-created',
      'segment-started',
      'model-responded',
      'tool-called',
      'tool-responded',
      'model-responded',
      'run-ended',
    ])
    expect(events.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(world.world.calls).toMatchObject([{ tool: 'lookup', arguments: { order: '1042' } }])
    expect(world.model.requests[1]?.messages.at(-1)).toMatchObject({
      role: 'tool',
      content: expect.stringContaining('packing'),
    })
    expect(await admin.runs.get(run.id)).toEqual(run)
  })

  test('streams its events, and a cut stream is resumed from the last one [A1.stream]', async () => {
    await using world = await startScriptedWorld({ kind, model: { turns: [calls('lookup'), { text: 'Two words.' }] } })
    const { admin, url, adminKey } = world.causeway
    const seen = []
    for await (const item of admin.runs.stream({ agent: 'clerk', input: 'hello' })) seen.push(item)
    const runId = seen[0]?.runId ?? ''
    const stored = seen.filter(item => 'sequence' in item)
    expect(stored).toEqual(await admin.runs.events(runId))
    expect(seen.filter(({ type }) => type === 'text-delta').length).toBeGreaterThan(0)
    const resumed = await fetch(`${url}/v1/runs/${runId}/events`, {
      headers: { authorization: `Bearer ${adminKey}`, accept: 'text/event-stream', 'last-event-id': '5' },
    })
    expect([...(await resumed.text()).matchAll(/^id: (\d+)$/gm)].map(([, id]) => id)).toEqual(['6', '7'])
  })

  test('continues the conversation of its session with the pinned version of the agent [D6.session-state, A1.sessions]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: { turns: [{ text: 'Hello.' }, { text: 'You said hi.' }] },
    })
    const { admin } = world.causeway
    const first = await admin.runs.createAndWait({ agent: 'clerk', input: 'hi' })
    const second = await admin.runs.createAndWait({
      agent: 'clerk',
      input: 'what did I say?',
      sessionId: first.sessionId,
    })
    expect(world.model.requests[1]?.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user'])
    expect(second.agentVersion).toBe(first.agentVersion)
    expect((await admin.sessions.get(first.sessionId)).lastSequence).toBe(8)
  })

  test('is answered when it has settled, if the request asks to wait [A1.create]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: { respond: ({ messages }) => (JSON.stringify(messages).includes('pay') ? calls('pay') : { text: 'Hi.' }) },
      tools: { pay: () => ({}) },
      governance: { pay: { approval: 'always' } },
    })
    const { admin, url, adminKey } = world.causeway
    const post = async (body: object) => {
      const response = await fetch(`${url}/v1/runs`, {
        method: 'POST',
        headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ agent: 'clerk', ...body }),
      })
      return { status: response.status, run: Run.parse(await response.json()) }
    }
    const ended = await post({ input: 'hello', wait: true })
    expect(ended).toMatchObject({ status: 200, run: { status: 'succeeded', output: 'Hi.' } })
    expect(await admin.runs.get(ended.run.id)).toEqual(ended.run)
    expect(await post({ input: 'pay', wait: true })).toMatchObject({ status: 200, run: { status: 'waiting' } })
    expect(await post({ input: 'hello' })).toMatchObject({ status: 201, run: { output: null } })
  })

  test.each(['NUL \0', 'half a pair \ud83d'])(
    'is refused with words where its text cannot be kept: %j [A1.create]',
    async text => {
      await using world = await startScriptedWorld({ kind, model: {} })
      await expect(world.causeway.admin.runs.create({ agent: 'clerk', input: text })).rejects.toMatchObject({
        code: 'invalid-request',
      })
    },
  )

  test('is created once for one Idempotency-Key, and the key is refused for another request [A1.create, A1.idempotent-create]', async () => {
    await using world = await startScriptedWorld({ kind, model: {} })
    const { url, adminKey } = world.causeway
    const post = async (input: string) => {
      const response = await fetch(`${url}/v1/runs`, {
        method: 'POST',
        headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json', 'idempotency-key': 'one' },
        body: JSON.stringify({ agent: 'clerk', input }),
      })
      return (await response.json()) as { id?: string; code?: string }
    }
    const answers = await Promise.all([post('hello'), post('hello'), post('hello')])
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
    expect(await post('other')).toMatchObject({ code: 'idempotency-key-reused' })
  })

  test('carries out all calls that the model asks for together before it asks the model again [A2.parallel-tool-calls]', async () => {
    const both = ['1042', '1043'].map(order => ({ name: 'lookup', arguments: { order } }))
    await using world = await startScriptedWorld({
      kind,
      model: { turns: [{ toolCalls: both }, { text: 'Two orders.' }] },
    })
    const run = await world.causeway.admin.runs.createAndWait({ agent: 'clerk', input: 'go' })
    expect(run).toMatchObject({ status: 'succeeded', spent: { steps: 2, toolCalls: 2 } })
    expect(world.world.calls.map(({ arguments: given }) => given)).toEqual(both.map(call => call.arguments))
    const [asked, ...told] = world.model.requests[1]?.messages.slice(-3) ?? []
    const ids = told.map(message => String(message['tool_call_id']))
    expect(new Set(ids).size).toBe(2)
    expect(asked).toMatchObject({ role: 'assistant', tool_calls: ids.map(id => ({ id })) })
  })

  test('makes the calls that the model asks for together at the same time, and tells their results in its order [A2.parallel-tool-calls]', async () => {
    const both = ['1042', '1043'].map(order => ({ name: 'lookup', arguments: { order } }))
    let underWay = 0
    let most = 0
    await using world = await startScriptedWorld({
      kind,
      model: { turns: [{ toolCalls: both }, { text: 'Two orders.' }] },
      tools: {
        async lookup({ order }) {
          most = Math.max(most, ++underWay)
          // The first one is answered last.
          await new Promise(resolve => setTimeout(resolve, order === '1042' ? 400 : 100))
          underWay--
          return { order }
        },
      },
    })
    const run = await world.causeway.admin.runs.createAndWait({ agent: 'clerk', input: 'go' })
    expect(run.status).toBe('succeeded')
    expect(most).toBe(2)
    expect(world.model.requests[1]?.messages.slice(-2).map(({ content }) => content)).toEqual([
      '{"order":"1042"}',
      '{"order":"1043"}',
    ])
    const responded = (await world.causeway.admin.runs.events(run.id)).filter(({ type }) => type === 'tool-responded')
    expect(responded.map(({ data }) => JSON.stringify(data))).toEqual([
      expect.stringContaining('1043') as string,
      expect.stringContaining('1042') as string,
    ])
  })

  test('tells the model when a tool fails, and goes on [A2.tool-failure, A6.tool-outage]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: { turns: [calls('lookup'), { text: 'The shop is closed.' }] },
      faults: { lookup: [{ status: 503 }] },
    })
    const run = await world.causeway.admin.runs.createAndWait({ agent: 'clerk', input: 'go' })
    expect(run).toMatchObject({ status: 'succeeded', output: 'The shop is closed.' })
    expect(world.model.requests[1]?.messages.at(-1)).toMatchObject({
      role: 'tool',
      content: expect.stringContaining('tool-failed'),
    })
  })

  test('ends in a named state when the model fails [A2.model-failure, A6.model-outage]', async () => {
    const fault = { status: 400, message: 'There is \0 in it' }
    await using world = await startScriptedWorld({ kind, model: { respond: () => ({ fault }) } })
    const run = await world.causeway.admin.runs.createAndWait({ agent: 'clerk', input: 'go' })
    expect(run).toMatchObject({
      status: 'failed',
      reason: 'request-refused',
      message: expect.stringContaining('There is \u{FFFD} in it'),
    })
    expect((await world.causeway.admin.runs.events(run.id)).map(({ type }) => type)).toContain('model-failed')
  })

  test('gives the model a reason when arguments do not fit the schema, and the tool is not reached [B3.schema-in, A2.invalid-arguments, A2.unknown-tool]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: {
        turns: [
          { toolCalls: [{ name: 'lookup', arguments: { order: 7 } }] },
          { toolCalls: [{ name: 'lookup', arguments: '{"order": ' }] },
          { toolCalls: [{ name: 'erase', arguments: {} }] },
          { text: 'I give up.' },
        ],
      },
    })
    const run = await world.causeway.admin.runs.createAndWait({ agent: 'clerk', input: 'go' })
    expect(run.status).toBe('succeeded')
    expect(world.world.calls).toEqual([])
    const denied = (await world.causeway.admin.runs.events(run.id)).flatMap(event =>
      event.type === 'tool-denied' ? [event.data.error] : [],
    )
    expect(denied.map(({ code }) => code)).toEqual(['invalid-tool-arguments', 'invalid-tool-arguments', 'not-found'])
    const told = world.model.requests.at(-1)?.messages.filter(({ role }) => role === 'tool')
    expect(told).toMatchObject(denied.map(({ message }) => ({ content: `denied: ${message}` })))
  })

  test('repeats a call only when that cannot have a second effect, each attempt with the same key [B3.retry-only-idempotent, B3.idempotency-key, B3.timeout]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: { turns: [calls('lookup'), calls('pay'), calls('slow'), { text: 'done' }] },
      tools: { lookup: () => ({ found: true }), pay: () => ({ paid: true }), slow: () => ({}) },
      faults: { lookup: ['cut-after-effect'], pay: ['cut-after-effect'], slow: [{ delayMs: 1500 }] },
      governance: {
        lookup: { retries: 2 },
        pay: { effect: 'write', risk: 1 },
        slow: { effect: 'write', risk: 1, timeoutSeconds: 0.3 },
      },
    })
    const run = await world.causeway.admin.runs.createAndWait({ agent: 'clerk', input: 'go' })
    const outcomes = (await world.causeway.admin.runs.events(run.id)).flatMap(event =>
      event.type === 'tool-responded' ? [[event.data.tool, event.data.outcome, event.data.attempts]] : [],
    )
    expect(outcomes).toEqual([
      ['lookup', 'completed', 2],
      ['pay', 'unknown', 1],
      ['slow', 'unknown', 1],
    ])
    const lookups = world.world.calls.filter(({ tool }) => tool === 'lookup')
    expect(new Set(lookups.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1)
    expect(lookups).toHaveLength(2)
    expect(world.world.calls.filter(({ tool }) => tool === 'pay')).toHaveLength(1)
  })

  test('asks a person before a call of unknown outcome is made again [A4.no-repeated-effects, A4.effect-outcome-unknown]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: { turns: [calls('pay'), calls('pay'), { text: 'done' }] },
      tools: { pay: () => ({ paid: true }) },
      faults: { pay: ['cut-after-effect'] },
      governance: { pay: { effect: 'write', risk: 1 } },
    })
    const run = await world.causeway.admin.runs.createAndWait({ agent: 'clerk', input: 'go' })
    expect(run.status).toBe('waiting')
    const { data } = await world.causeway.admin.approvals.list({ runId: run.id })
    expect(data[0]?.decision.reasons.map(({ id }) => id)).toContain('outcome-unknown')
    expect(world.world.calls).toHaveLength(1)
  })

  test('goes on where a model or a tool says what cannot be kept [A2.tool-failure]', async () => {
    await using world = await startScriptedWorld({
      kind,
      tools: { lookup: () => ({ state: 'packing \0 \ud83d' }) },
      model: { turns: [calls('lookup'), { text: 'It is \0 being packed.' }] },
    })
    const { admin } = world.causeway
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'Where is order 1042?' })
    expect(run).toMatchObject({ status: 'succeeded', output: 'It is \u{FFFD} being packed.' })
    expect(world.model.requests[1]?.messages.at(-1)).toMatchObject({
      role: 'tool',
      content: expect.stringContaining('packing \u{FFFD} \u{FFFD}'),
    })
  })

  test('a result that does not fit the output schema does not reach the model [B3.schema-out]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: { turns: [calls('lookup'), { text: 'done' }] },
      governance: { lookup: { output: { type: 'object', required: ['price'] } } },
    })
    await world.causeway.admin.runs.createAndWait({ agent: 'clerk', input: 'go' })
    const told = JSON.stringify(world.model.requests[1]?.messages.at(-1))
    expect(told).toContain('invalid-tool-output')
    expect(told).not.toContain('packing')
  })

  test('is cancelled while it works, while it waits, and stays cancelled [A1.cancel]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: {
        respond: ({ messages }) => (JSON.stringify(messages).includes('slow') ? { delayMs: 20_000 } : calls('pay')),
      },
      tools: { pay: () => ({}) },
      governance: { pay: { approval: 'always' } },
    })
    const { admin } = world.causeway
    const working = await admin.runs.create({ agent: 'clerk', input: 'slow' })
    while ((await admin.runs.get(working.id)).status !== 'running' || world.model.requests.length === 0)
      await new Promise(resolve => setTimeout(resolve, 20))
    await admin.runs.cancel(working.id)
    for await (const item of admin.runs.follow(working.id))
      if (item.type === 'run-ended') expect(item.data).toMatchObject({ status: 'cancelled', reason: 'cancelled' })

    const waiting = await admin.runs.createAndWait({ agent: 'clerk', input: 'quick' })
    expect(waiting.status).toBe('waiting')
    expect(await admin.runs.cancel(waiting.id)).toMatchObject({ status: 'cancelled' })
    expect(await admin.runs.cancel(waiting.id)).toMatchObject({ status: 'cancelled' })
    const [approval] = (await admin.approvals.list({ runId: waiting.id })).data
    expect(approval?.status).toBe('withdrawn')
    await expect(admin.approvals.decide(approval?.id ?? '', { outcome: 'approve' })).rejects.toMatchObject({
      code: 'already-decided',
    })
    expect(world.world.calls).toEqual([])
  })

  test('lists runs with filters, page by page [A1.list]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: {
        respond: ({ messages }) =>
          JSON.stringify(messages).includes('bad') ? { fault: { status: 400 } } : { text: 'ok' },
      },
    })
    const { admin } = world.causeway
    for (const input of ['a', 'bad', 'b', 'c']) await admin.runs.createAndWait({ agent: 'clerk', input })
    const first = await admin.runs.list({ limit: 3 })
    expect(first.data.map(({ input }) => input)).toEqual(['c', 'b', 'bad'])
    const second = await admin.runs.list({ limit: 3, cursor: first.nextCursor ?? '' })
    expect(second).toMatchObject({ data: [{ input: 'a' }], nextCursor: null })
    expect((await admin.runs.list({ status: 'failed' })).data.map(({ input }) => input)).toEqual(['bad'])
    await expect(admin.runs.list({ cursor: 'nonsense' })).rejects.toMatchObject({ code: 'invalid-cursor' })
  })
})
