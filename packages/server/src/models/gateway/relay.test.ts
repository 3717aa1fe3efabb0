import { expect, test } from 'vitest'
import type { ManifestInput } from '@causeway/contracts'
import { APIError } from 'openai'
import { answerJson, chunk, fakeUpstream, openStream, usageChunk, writeEvents } from '../testing/fake-upstream.ts'
import { gatewayForTest } from '../testing/gateway-for-test.ts'
import { routeOver } from '../testing/models-for-test.ts'

type ProviderInput = ManifestInput & { kind: 'Provider' }

const openAiLike = (name: string, url: string, secret?: string): ProviderInput => ({
  kind: 'Provider',
  name,
  spec: { type: 'openai-compatible', baseUrl: `${url}/v1`, ...(secret && { apiKey: { secret } }) },
})

const completion = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'upstream-model',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello.', refusal: null }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 },
  'x-unknown': [1.0, { deep: '\u00e9' }],
}

const question = { role: 'user', content: 'Hi' } as const

const post = (url: string, body: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer caller', 'content-type': 'application/json', ...headers },
    body,
  })

test('a call of the same dialect goes on and comes back byte for byte [C1.chat-completions-byte-faithful] [C2.openai-compatible]', async () => {
  const answer = JSON.stringify(completion, undefined, 1)
  await using upstream = await fakeUpstream(response =>
    answerJson(response, answer, 200, { 'content-type': 'application/json; charset=utf-8' }),
  )
  await using gateway = await gatewayForTest({
    manifests: routeOver({ provider: openAiLike('main', upstream.url, 'KEY'), model: 'upstream-model' }),
    secrets: { KEY: 'provider-key-1' },
  })
  const body =
    '{ "messages":[{"role":"user","content":"\\u0041 \\"model\\":1"}] ,"unknown" : {"model":"x"},"seed":12345678901234567890,\n"model":"chat" }'
  const response = await post(gateway.url, body)
  expect(await response.text()).toBe(answer)
  expect(response.status).toBe(200)
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'causeway-provider': 'main',
    'causeway-model': 'upstream-model',
    'x-request-id': expect.stringMatching(/^[\w-]{36}$/),
  })
  const [received] = upstream.requests
  expect(received?.body).toBe(body.replace('"model":"chat"', '"model":"upstream-model"'))
  expect(received?.headers.authorization).toBe('Bearer provider-key-1')
  expect(await gateway.recorded()).toMatchObject({
    route: 'chat',
    outcome: 'completed',
    usage: { inputTokens: 9, outputTokens: 2 },
    usageEstimated: false,
    finishReason: 'stop',
    attempts: [{ provider: 'main', model: 'upstream-model', key: 0, failureClass: null, status: null }],
  })
  expect(gateway.reservations).toMatchObject([{ fate: { usage: { inputTokens: 9 } } }])
})

test('the official client chats, and streams with tools, through the gateway [C1.chat-completions-official-client] [C1.streaming]', async () => {
  const toolCall = { index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } }
  await using upstream = await fakeUpstream((response, { body }) => {
    if (!body.includes('"stream":true')) return answerJson(response, completion)
    openStream(response)
    writeEvents(response, chunk({ role: 'assistant', content: '' }), chunk({ tool_calls: [toolCall] }))
    writeEvents(response, chunk({ tool_calls: [{ index: 0, function: { arguments: '{"city":"Oslo"}' } }] }))
    writeEvents(response, chunk({}, 'tool_calls'), usageChunk(20, 7), '[DONE]')
    return response.end()
  })
  await using gateway = await gatewayForTest({
    manifests: routeOver({ provider: openAiLike('main', upstream.url), model: 'm' }),
  })

  const whole = await gateway.client.chat.completions.create({ model: 'chat', messages: [question] })
  expect(whole.choices[0]?.message.content).toBe('Hello.')

  const stream = gateway.client.chat.completions.stream({
    model: 'main/other-model',
    messages: [question],
    tools: [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }],
  })
  const streamed = await stream.finalChatCompletion()
  expect(streamed.choices[0]?.message.tool_calls?.[0]).toMatchObject({
    id: 'call_1',
    function: { arguments: '{"city":"Oslo"}' },
  })
  expect(JSON.parse(upstream.requests[1]?.body ?? '')).toMatchObject({
    model: 'other-model',
    stream_options: { include_usage: true },
  })
  expect(await gateway.recorded(1)).toMatchObject({
    usage: { inputTokens: 20, outputTokens: 7 },
    usageEstimated: false,
    streamed: true,
  })
})

const written = (events: unknown[]): string =>
  events.map(event => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('')

test('the chunk with the usage reaches only a client that asked for it [C1.streaming]', async () => {
  const events = [chunk({ role: 'assistant', content: '' }), chunk({ content: 'Hi' }), chunk({}, 'stop')]
  await using upstream = await fakeUpstream(response => {
    openStream(response)
    writeEvents(response, ...events, usageChunk(5, 1), '[DONE]')
    response.end()
  })
  await using gateway = await gatewayForTest({
    manifests: routeOver({ provider: openAiLike('main', upstream.url), model: 'm' }),
  })
  const text = async (options: object): Promise<string> =>
    (await post(gateway.url, JSON.stringify({ model: 'chat', stream: true, messages: [question], ...options }))).text()
  expect(await text({})).toBe(written([...events, '[DONE]']))
  expect(await text({ stream_options: { include_usage: true } })).toBe(written([...events, usageChunk(5, 1), '[DONE]']))
  expect(await text({ stream_options: { include_obfuscation: false } })).toBe(written([...events, '[DONE]']))
  expect(JSON.parse(upstream.requests[2]?.body ?? '')).toMatchObject({
    stream_options: { include_obfuscation: false, include_usage: true },
  })
})

test('events that are cut anywhere arrive whole [C1.streaming]', async () => {
  const text = [
    chunk({ role: 'assistant', content: 'Grüße' }),
    chunk({ content: ' 🦅' }),
    chunk({}, 'stop'),
    usageChunk(5, 3),
  ]
    .map(event => `data: ${JSON.stringify(event)}\r\n\r\n`)
    .join('')
  await using upstream = await fakeUpstream(async response => {
    openStream(response)
    const bytes = Buffer.from(`${text}data: [DONE]`)
    for (let at = 0; at < bytes.length; at += 7) {
      response.write(bytes.subarray(at, at + 7))
      if (at % 70 === 0) await new Promise(resolve => setImmediate(resolve))
    }
    response.end()
  })
  await using gateway = await gatewayForTest({
    manifests: routeOver({ provider: openAiLike('main', upstream.url), model: 'm' }),
  })
  const answer = await gateway.client.chat.completions
    .stream({ model: 'chat', messages: [question] })
    .finalChatCompletion()
  expect(answer.choices[0]?.message.content).toBe('Grüße 🦅')
  expect(await gateway.recorded()).toMatchObject({ usage: { outputTokens: 3 }, outcome: 'completed' })
})

test('a stream that dies before content is answered by the next target [C3.failover-before-content]', async () => {
  await using dying = await fakeUpstream(response => {
    openStream(response)
    writeEvents(response, chunk({ role: 'assistant', content: '' }))
    setTimeout(() => response.destroy(), 20)
  })
  await using failing = await fakeUpstream(response => {
    openStream(response)
    writeEvents(response, { error: { message: 'overloaded', type: 'server_error' } })
    response.end()
  })
  await using good = await fakeUpstream(response => {
    openStream(response)
    writeEvents(response, chunk({ role: 'assistant', content: 'Here' }), chunk({}, 'stop'), '[DONE]')
    response.end()
  })
  await using gateway = await gatewayForTest({
    manifests: routeOver(
      { provider: openAiLike('dying', dying.url), model: 'm' },
      { provider: openAiLike('failing', failing.url), model: 'm' },
      { provider: openAiLike('good', good.url), model: 'm' },
    ),
  })
  const answer = await gateway.client.chat.completions
    .stream({ model: 'chat', messages: [question] })
    .finalChatCompletion()
  expect(answer.choices[0]?.message.content).toBe('Here')
  expect([dying.requests.length, failing.requests.length, good.requests.length]).toEqual([2, 1, 1])
  const { attempts, ...record } = await gateway.recorded()
  expect(record).toMatchObject({ provider: 'good', usageEstimated: true })
  expect(attempts.map(({ failureClass }) => failureClass)).toEqual(['transient', 'transient', 'capacity', null])
  expect(gateway.reservations.map(({ fate }) => typeof fate)).toEqual(['string', 'string', 'object'])
})

test('a stream that dies after content ends with an error and never looks whole [C1.streaming-no-truncated-success]', async () => {
  await using upstream = await fakeUpstream((response, _request, number) => {
    openStream(response)
    writeEvents(response, chunk({ content: 'Half of ' }), chunk({ content: 'an answ' }))
    if (number === 0) setTimeout(() => response.destroy(), 20)
    else if (number === 1) response.end()
    else {
      writeEvents(response, { error: { message: 'the model crashed', type: 'server_error' } }, '[DONE]')
      response.end()
    }
  })
  await using gateway = await gatewayForTest({
    manifests: routeOver({ provider: openAiLike('main', upstream.url), model: 'm' }),
  })
  for (const expected of ['provider-failed', 'provider-failed', 'the model crashed']) {
    const response = await post(gateway.url, JSON.stringify({ model: 'chat', stream: true, messages: [question] }))
    const text = await response.text()
    expect(text).toContain('Half of ')
    expect(text).toContain(expected)
    expect(text.match(/"error"/g)).toHaveLength(1)
    expect(text).not.toContain('[DONE]')
  }
  // Each answer is gone on with twice: the begin is the same, and it breaks off again.
  expect(upstream.requests).toHaveLength(9)
  expect(await gateway.recorded(2)).toMatchObject({
    outcome: 'failed',
    // Of three answers that broke off, two of which began anew.
    usage: { outputTokens: 11 },
    usageEstimated: true,
  })
  const broken = gateway.client.chat.completions.stream({ model: 'chat', messages: [question] }).finalChatCompletion()
  await expect(broken).rejects.toThrow(APIError)
})

test('a retry waits as long as the provider asks, and goes elsewhere when that is too long [C3.retry-after]', async () => {
  await using busy = await fakeUpstream((response, _request, number) =>
    number === 0
      ? answerJson(response, { error: { message: 'slow down' } }, 429, { 'retry-after': '2' })
      : answerJson(response, completion),
  )
  await using jammed = await fakeUpstream(response => answerJson(response, {}, 503, { 'retry-after': '600' }))
  await using gateway = await gatewayForTest({
    manifests: routeOver(
      { provider: openAiLike('jammed', jammed.url), model: 'm' },
      { provider: openAiLike('busy', busy.url), model: 'm' },
    ),
  })
  const answer = await gateway.client.chat.completions.create({ model: 'chat', messages: [question] })
  expect(answer.choices[0]?.message.content).toBe('Hello.')
  expect(jammed.requests).toHaveLength(1)
  expect(gateway.waits).toHaveLength(1)
  expect(gateway.waits[0]).toBeGreaterThanOrEqual(2000)
  expect(gateway.waits[0]).toBeLessThan(2300)
})

test('attempts are bounded: two for each target, six in all [C3.bounded-attempts]', async () => {
  await using upstream = await fakeUpstream(response =>
    answerJson(response, { error: { message: 'down', code: 'x' } }, 500),
  )
  await using gateway = await gatewayForTest({
    manifests: routeOver(
      ...['a', 'b', 'c', 'd', 'e'].map(name => ({ provider: openAiLike(name, upstream.url), model: 'm' })),
    ),
  })
  const failed = gateway.client.chat.completions.create({ model: 'chat', messages: [question] })
  await expect(failed).rejects.toMatchObject({ status: 500, code: 'x' })
  expect(upstream.requests).toHaveLength(6)
  const { attempts, ...record } = await gateway.recorded()
  expect(record).toMatchObject({ outcome: 'failed', errorCode: 'provider-failed' })
  expect(attempts.map(({ status }) => status)).toEqual([500, 500, 500, 500, 500, 500])
  expect(gateway.reservations.every(({ fate }) => fate === 'released')).toBe(true)
})

test('a refusal of the request comes back as the provider wrote it, one of our credentials does not [C8.provider-keys-hidden]', async () => {
  const refusal =
    '{"error":{"message":"bad temperature","type":"invalid_request_error","param":"temperature","code":null}}'
  await using upstream = await fakeUpstream((response, { body }) =>
    body.includes('temperature')
      ? answerJson(response, refusal, 400)
      : answerJson(response, { error: { message: 'Incorrect API key: provider-key-1' } }, 401),
  )
  await using gateway = await gatewayForTest({
    manifests: routeOver({ provider: openAiLike('main', upstream.url, 'KEY'), model: 'm' }),
    secrets: { KEY: 'provider-key-1' },
  })
  const refused = await post(gateway.url, JSON.stringify({ model: 'chat', temperature: 9, messages: [question] }))
  expect([refused.status, await refused.text()]).toEqual([400, refusal])
  const hidden = await post(gateway.url, JSON.stringify({ model: 'chat', messages: [question] }))
  expect(hidden.status).toBe(502)
  const text = await hidden.text()
  expect(text).toContain('provider-rejected')
  expect(text).not.toContain('provider-key-1')
  expect(hidden.headers.get('x-should-retry')).toBe('false')
  expect(upstream.requests).toHaveLength(2)
})

test('a client that leaves stops the provider and pays for what was said [C1.client-disconnect]', async () => {
  await using upstream = await fakeUpstream(response => {
    openStream(response)
    const timer = setInterval(() => writeEvents(response, chunk({ content: 'word ' })), 5)
    response.on('close', () => clearInterval(timer))
  })
  await using gateway = await gatewayForTest({
    manifests: routeOver({ provider: openAiLike('main', upstream.url), model: 'm' }),
  })
  const stream = await gateway.client.chat.completions.create({ model: 'chat', stream: true, messages: [question] })
  let seen = 0
  for await (const { id } of stream) if (id && ++seen === 5) break
  const record = await gateway.recorded()
  expect(record).toMatchObject({ outcome: 'abandoned', usageEstimated: true, errorCode: null })
  expect(record.usage.outputTokens).toBeGreaterThanOrEqual(5)
  expect(record.usage.inputTokens).toBeGreaterThan(0)
  await expect.poll(() => upstream.abandoned).toBe(1)
})

test('a storm of leaving clients leaves a gateway that works [C1.client-disconnect]', async () => {
  await using upstream = await fakeUpstream((response, { body }) => {
    if (!body.includes('"stream":true')) return answerJson(response, completion)
    openStream(response)
    return writeEvents(response, chunk({ content: 'word '.repeat(200_000) }))
  })
  await using gateway = await gatewayForTest({
    manifests: routeOver({ provider: openAiLike('main', upstream.url), model: 'm' }),
  })
  const leave = async (number: number): Promise<void> => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), number % 3 === 0 ? 0 : 10 + (number % 40))
    const body = JSON.stringify({ model: 'chat', stream: true, messages: [question] })
    const headers = { authorization: 'Bearer caller', 'content-type': 'application/json' }
    await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers,
      body,
      signal: controller.signal,
    }).catch(() => {})
  }
  // More than the 256 connections of the pool, so that a leak would be felt.
  for (let round = 0; round < 3; round++) await Promise.all(Array.from({ length: 128 }, (_, number) => leave(number)))
  const answer = await gateway.client.chat.completions.create({ model: 'chat', messages: [question] })
  expect(answer.choices[0]?.message.content).toBe('Hello.')
  const held = () => gateway.reservations.filter(({ fate }) => fate === 'held').length
  await expect.poll(held, { timeout: 10_000 }).toBe(0)
})

test('silence is cut off by the deadlines [C3.deadlines]', async () => {
  await using upstream = await fakeUpstream((response, _request, number) => {
    if (number < 1) return
    openStream(response)
    writeEvents(response, chunk({ content: 'And then' }))
  })
  await using gateway = await gatewayForTest({
    manifests: routeOver({ provider: openAiLike('main', upstream.url), model: 'm' }),
    deadlines: { firstByteMs: 60, idleMs: 80 },
  })
  const silent = await post(gateway.url, JSON.stringify({ model: 'chat', messages: [question] }))
  // What is silent once is not asked again.
  expect([silent.status, upstream.requests.length]).toEqual([504, 1])
  const stalled = await post(gateway.url, JSON.stringify({ model: 'chat', stream: true, messages: [question] }))
  const text = await stalled.text()
  expect(text).toContain('And then')
  expect(text).toContain('provider-timeout')
})
