import Anthropic, { APIUserAbortError, AuthenticationError, BadRequestError } from '@anthropic-ai/sdk'
import { expect, test } from 'vitest'
import type { ManifestInput } from '@causeway/contracts'
import { answerJson, chunk, fakeUpstream, openStream, usageChunk, writeEvents } from '../testing/fake-upstream.ts'
import { gatewayForTest, type GatewayForTest } from '../testing/gateway-for-test.ts'
import { routeOver } from '../testing/models-for-test.ts'

const clientOf = (gateway: GatewayForTest, maxRetries = 0): Anthropic =>
  new Anthropic({ baseURL: gateway.url, apiKey: 'caller', maxRetries })
const chatServer = (url: string): ManifestInput & { kind: 'Provider' } => ({
  kind: 'Provider',
  name: 'chat-server',
  spec: { type: 'openai-compatible', baseUrl: `${url}/v1` },
})
const claude = (url: string): ManifestInput & { kind: 'Provider' } => ({
  kind: 'Provider',
  name: 'claude',
  spec: { type: 'anthropic', baseUrl: url, apiKey: { secret: 'ANTHROPIC_API_KEY' } },
})
const over = (provider: ManifestInput & { kind: 'Provider' }, model: string) => ({
  manifests: routeOver({ provider, model }),
  secrets: { ANTHROPIC_API_KEY: 'anthropic-key' },
})

const weather: Anthropic.Tool = {
  name: 'weather',
  description: 'The weather of a city',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}
const question: Anthropic.MessageCreateParamsNonStreaming = {
  model: 'chat',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'The weather in Oslo and Rome?' }],
}

const toolCalls = [
  { index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } },
  { index: 1, id: 'call_2', type: 'function', function: { name: 'weather', arguments: '' } },
] as const

test('the official client streams text and parallel tool calls from a provider of another dialect [C1.messages] [C1.anthropic-streaming]', async () => {
  await using upstream = await fakeUpstream(response => {
    openStream(response)
    writeEvents(
      response,
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: 'I ' }),
      chunk({ content: 'look.' }),
      chunk({ tool_calls: [toolCalls[0]] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '"Oslo"}' } }] }),
      chunk({ tool_calls: [toolCalls[1]] }),
      chunk({ tool_calls: [{ index: 1, function: { arguments: '{"city":"Rome"}' } }] }),
      chunk({}, 'tool_calls'),
      usageChunk(20, 9),
      '[DONE]',
    )
    response.end()
  })
  await using gateway = await gatewayForTest(over(chatServer(upstream.url), 'gpt'))
  const stream = clientOf(gateway).messages.stream({ ...question, tools: [weather], system: 'Be brief.' })
  const pieces: string[] = []
  stream.on('text', piece => pieces.push(piece))
  const message = await stream.finalMessage()
  expect(pieces).toEqual(['I ', 'look.'])
  expect(message).toMatchObject({
    role: 'assistant',
    model: 'gpt',
    stop_reason: 'tool_use',
    content: [
      { type: 'text', text: 'I look.' },
      { type: 'tool_use', id: 'call_1', name: 'weather', input: { city: 'Oslo' } },
      { type: 'tool_use', id: 'call_2', name: 'weather', input: { city: 'Rome' } },
    ],
    usage: { input_tokens: 20, output_tokens: 9 },
  })
  const sent = JSON.parse(upstream.requests[0]?.body ?? '')
  expect(sent).toMatchObject({
    model: 'gpt',
    stream: true,
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'The weather in Oslo and Rome?' },
    ],
    tools: [{ type: 'function', function: { name: 'weather', parameters: weather.input_schema } }],
  })
})

test('results of tools, images and structured output reach a provider of another dialect [C1.translate-dialects] [C1.structured-output] [C1.vision]', async () => {
  await using upstream = await fakeUpstream(response => {
    openStream(response)
    writeEvents(response, chunk({ content: '{"degrees":-4}' }), chunk({}, 'stop'), usageChunk(1, 1), '[DONE]')
    response.end()
  })
  await using gateway = await gatewayForTest(over(chatServer(upstream.url), 'gpt'))
  const schema = { type: 'object', properties: { degrees: { type: 'number' } } }
  const message = await clientOf(gateway).messages.create({
    ...question,
    messages: [
      { role: 'user', content: 'How cold?' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Oslo' } }] },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'toolu_1',
            content: [
              { type: 'text', text: 'a picture' },
              { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } },
            ],
          },
          { type: 'text', text: 'Answer in JSON.' },
        ],
      },
    ],
    output_config: { format: { type: 'json_schema', schema } },
  })
  expect(message.content).toEqual([{ type: 'text', text: '{"degrees":-4}' }])
  expect(message.stop_reason).toBe('end_turn')
  expect(JSON.parse(upstream.requests[0]?.body ?? '')).toMatchObject({
    messages: [
      { role: 'user', content: 'How cold?' },
      { role: 'assistant', content: null, tool_calls: [{ id: 'toolu_1', function: { arguments: '{"city":"Oslo"}' } }] },
      { role: 'tool', tool_call_id: 'toolu_1', content: 'a picture' },
      { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }] },
      { role: 'user', content: 'Answer in JSON.' },
    ],
    response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } },
  })
})

const wholeMessage = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5',
  content: [{ type: 'text', text: 'Hi', new_field: { kept: true } }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 3, cache_read_input_tokens: 10, output_tokens: 2 },
}

test('a request of a coding agent reaches Anthropic with the bytes that it has, betas and unknown tools included [C1.unknown-fields]', async () => {
  await using upstream = await fakeUpstream(response => answerJson(response, wholeMessage))
  await using gateway = await gatewayForTest(over(claude(upstream.url), 'claude-sonnet-4-5'))
  const body =
    '{"max_tokens":32000, "model" : "chat","tools":[{"type":"tool_of_next_year","x":1.50}],"metadata":{"user_id":"session-1"},"messages":[{"role":"user","content":"Hi \\u00e9"}],"field_of_next_year":[1e3]}'
  const response = await fetch(`${gateway.url}/v1/messages?beta=true`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': 'caller',
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'context-of-next-year,other',
    },
    body,
  })
  expect(await response.text()).toBe(JSON.stringify(wholeMessage))
  const [received] = upstream.requests
  expect(received?.body).toBe(body.replace('"chat"', '"claude-sonnet-4-5"'))
  expect(received?.headers).toMatchObject({
    'x-api-key': 'anthropic-key',
    'anthropic-version': '2023-06-01',
    'anthropic-beta': 'context-of-next-year,other',
  })
  expect(await gateway.recorded()).toMatchObject({
    dialect: 'anthropic-messages',
    usage: { inputTokens: 13, cachedInputTokens: 10, outputTokens: 2 },
    finishReason: 'stop',
  })
})

test("errors arrive as the client's own classes, those of the provider in its own words [C1.errors]", async () => {
  const words = { type: 'error', error: { type: 'invalid_request_error', message: 'max_tokens: too many' } }
  await using upstream = await fakeUpstream(response => answerJson(response, words, 400))
  await using gateway = await gatewayForTest(over(claude(upstream.url), 'claude-sonnet-4-5'))
  const client = clientOf(gateway)
  const refused = await client.messages.create(question).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(BadRequestError)
  expect(refused).toMatchObject({ error: words })
  const stranger = new Anthropic({ baseURL: gateway.url, apiKey: 'nobody', maxRetries: 0 })
  await expect(stranger.messages.create(question)).rejects.toBeInstanceOf(AuthenticationError)
  const missing = client.messages.create({ ...question, model: 'nothing' })
  await expect(missing).rejects.toMatchObject({ status: 404, error: { error: { type: 'not_found_error' } } })
  await expect(
    client.messages.create({ ...question, messages: [{ role: 'robot' as 'user', content: 'Hi' }] }),
  ).rejects.toBeInstanceOf(BadRequestError)
})

test('a stream that breaks off is an error for the client and never a whole message [C1.errors] [C3.failover-before-content]', async () => {
  await using upstream = await fakeUpstream(response => {
    openStream(response)
    writeEvents(response, chunk({ content: 'Half of' }))
    setTimeout(() => response.destroy(), 50)
  })
  await using gateway = await gatewayForTest(over(chatServer(upstream.url), 'gpt'))
  const stream = clientOf(gateway).messages.stream(question)
  await expect(stream.finalMessage()).rejects.toThrow(/api_error/)
  expect(await gateway.recorded()).toMatchObject({ outcome: 'failed' })
})

test('a client that leaves ends the call at the provider, and what was said is billed [C1.client-disconnect]', async () => {
  let closed = false
  await using upstream = await fakeUpstream(response => {
    openStream(response)
    writeEvents(response, chunk({ content: 'One' }))
    response.on('close', () => {
      closed = true
    })
  })
  await using gateway = await gatewayForTest(over(chatServer(upstream.url), 'gpt'))
  const stream = clientOf(gateway).messages.stream(question)
  await new Promise<void>(resolve => {
    stream.on('text', () => resolve())
  })
  stream.abort()
  await expect(stream.finalMessage()).rejects.toBeInstanceOf(APIUserAbortError)
  const record = await gateway.recorded()
  expect(record).toMatchObject({ outcome: 'abandoned', usageEstimated: true })
  expect(record.usage.outputTokens).toBeGreaterThan(0)
  await expect.poll(() => closed).toBe(true)
})

test('tokens are counted by Anthropic, and estimated where the provider cannot [C1.count-tokens]', async () => {
  await using upstream = await fakeUpstream(response => answerJson(response, { input_tokens: 14 }))
  await using counting = await gatewayForTest(over(claude(upstream.url), 'claude-sonnet-4-5'))
  const { model, messages } = question
  expect(await clientOf(counting).messages.countTokens({ model, messages })).toEqual({ input_tokens: 14 })
  expect(upstream.requests[0]?.url).toBe('/v1/messages/count_tokens')
  await using guessing = await gatewayForTest(over(chatServer(upstream.url), 'gpt'))
  const { data, response } = await clientOf(guessing).messages.countTokens({ model, messages }).withResponse()
  expect(data).toEqual({ input_tokens: 8 })
  expect(response.headers.get('causeway-estimated')).toBe('true')
  expect(guessing.reservations).toEqual([])
})

test('models are listed in the form that each client reads [C1.models-list]', async () => {
  await using gateway = await gatewayForTest(over(claude('http://127.0.0.1:1'), 'claude-sonnet-4-5'))
  const names: string[] = []
  for await (const model of clientOf(gateway).models.list()) names.push(`${model.type} ${model.id}`)
  expect(names).toEqual(['model chat', 'model claude/claude-sonnet-4-5'])
  expect((await clientOf(gateway).models.retrieve('chat')).display_name).toBe('chat')
  const { data } = await gateway.client.models.list()
  expect(data.map(({ id, object }) => `${object} ${id}`)).toEqual(names)
})
