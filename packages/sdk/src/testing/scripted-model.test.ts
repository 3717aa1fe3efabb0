import OpenAI, { APIError } from 'openai'
import { expect, test } from 'vitest'
import { createScriptedModel, type ScriptedModel } from './scripted-model.ts'

const clientOf = (model: ScriptedModel): OpenAI =>
  new OpenAI({ apiKey: 'none', baseURL: model.baseUrl, maxRetries: 0, timeout: 2000 })
const messages = [{ role: 'user' as const, content: 'Where is order 7?' }]
const ask = { model: 'gpt-test', messages }
const tools = [{ type: 'function' as const, function: { name: 'lookup', parameters: {} } }]

test('the official client reads answers with text, tool calls and usage [I1.testing-kit]', async () => {
  await using model = await createScriptedModel({
    turns: [
      { toolCalls: [{ name: 'lookup', arguments: { order: '7' } }], usage: { inputTokens: 20, outputTokens: 3 } },
      { text: 'It is on its way.' },
    ],
  })
  const client = clientOf(model)
  const first = await client.chat.completions.create({ ...ask, tools })
  expect(first.choices[0]).toMatchObject({
    finish_reason: 'tool_calls',
    message: {
      content: null,
      tool_calls: [{ type: 'function', function: { name: 'lookup', arguments: '{"order":"7"}' } }],
    },
  })
  expect(first.usage).toEqual({ prompt_tokens: 20, completion_tokens: 3, total_tokens: 23 })
  expect((await client.chat.completions.create(ask)).choices[0]?.message.content).toBe('It is on its way.')
  expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['scripted'])
  expect(model.requests.map(({ tools: offered, stream }) => ({ offered, stream }))).toEqual([
    { offered: ['lookup'], stream: false },
    { offered: [], stream: false },
  ])
  expect(model.requests[0]?.headers['authorization']).toBe('Bearer none')
})

test('the official client puts streams together, with usage only where it is asked for', async () => {
  await using model = await createScriptedModel({
    respond: () => ({
      text: 'Let me look.',
      toolCalls: [
        { name: 'lookup', arguments: { order: '7' } },
        { name: 'lookup', arguments: 'not json' },
      ],
    }),
  })
  const client = clientOf(model)
  const withUsage = await client.chat.completions
    .stream({ ...ask, tools, stream_options: { include_usage: true } })
    .finalChatCompletion()
  expect(withUsage.choices[0]).toMatchObject({
    finish_reason: 'tool_calls',
    message: {
      content: 'Let me look.',
      tool_calls: [{ function: { arguments: '{"order":"7"}' } }, { function: { arguments: 'not json' } }],
    },
  })
  expect(withUsage.usage?.total_tokens).toBe(15)
  const pieces: string[] = []
  for await (const chunk of await client.chat.completions.create({ ...ask, stream: true })) {
    expect(chunk.usage).toBeUndefined()
    pieces.push(chunk.choices[0]?.delta.content ?? '')
  }
  expect(pieces.filter(piece => piece !== '')).toEqual(['Let ', 'me ', 'look.'])
})

test('faults are what the official client knows as such', async () => {
  await using model = await createScriptedModel({
    turns: [
      { fault: { status: 429, retryAfterSeconds: 7, message: 'Slow down.' } },
      { fault: 'malformed' },
      { text: 'half', fault: 'cut-mid-stream' },
      { fault: 'hang' },
    ],
  })
  const client = clientOf(model)
  const limited: unknown = await client.chat.completions.create(ask).catch((error: unknown) => error)
  expect(limited).toBeInstanceOf(APIError)
  expect(limited).toMatchObject({ status: 429, message: '429 Slow down.' })
  expect((limited as APIError).headers?.get('retry-after')).toBe('7')
  await expect(client.chat.completions.create(ask)).rejects.toThrow(/JSON/)
  await expect(client.chat.completions.create(ask)).rejects.toThrow('terminated')
  await expect(client.chat.completions.create(ask, { timeout: 100 })).rejects.toThrow('Request timed out')
})

test('a stream that is cut, hangs or is malformed has begun before', async () => {
  const faults = [
    ['cut-mid-stream', 'terminated'],
    ['malformed', 'JSON'],
    ['hang-mid-stream', 'still waiting'],
  ] as const
  await using model = await createScriptedModel({ turns: faults.map(([fault]) => ({ text: 'half', fault })) })
  for (const [, message] of faults) {
    const stream = await clientOf(model).chat.completions.create({ ...ask, stream: true }, { timeout: 5000 })
    let said = ''
    const reading = (async () => {
      for await (const chunk of stream) said += chunk.choices[0]?.delta.content ?? ''
    })()
    const late = new Promise<never>((_resolve, reject) => setTimeout(() => reject(new Error('still waiting')), 300))
    await expect(Promise.race([reading, late])).rejects.toThrow(message)
    expect(said).toBe('half')
    stream.controller.abort()
    await reading.catch(() => undefined)
  }
})

test('what is not a request of chat completions is refused in the form of the provider', async () => {
  await using model = await createScriptedModel({})
  await expect(clientOf(model).embeddings.create({ model: 'e', input: 'x' })).rejects.toMatchObject({ status: 404 })
  const response = await fetch(`${model.baseUrl}/chat/completions`, { method: 'POST', body: '{' })
  expect([response.status, await response.json()]).toMatchObject([400, { error: { type: 'invalid_request_error' } }])
  expect(model.requests).toEqual([])
})
