import { expect, test } from 'vitest'
import type { Decision, ManifestInput } from '@causeway/contracts'
import { PermissionDeniedError } from 'openai'
import { answerJson, chunk, fakeUpstream, openStream, usageChunk, writeEvents } from '../testing/fake-upstream.ts'
import { gatewayForTest } from '../testing/gateway-for-test.ts'

const routeTo = (baseUrl: string): ManifestInput[] => [
  {
    kind: 'Provider',
    name: 'upstream',
    spec: {
      type: 'openai-compatible',
      preset: 'openai',
      baseUrl: `${baseUrl}/v1`,
      prices: { models: { 'gpt-4o-mini': { input: 0.15, output: 0.6 } } },
    },
  },
  {
    kind: 'Route',
    name: 'chat',
    spec: { targets: [{ provider: 'upstream', model: 'gpt-4o-mini' }], cache: { ttlSeconds: 60 } },
  },
]

const completion = (content: string | null, finish = 'stop', more = {}): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-4o-mini',
  choices: [
    {
      index: 0,
      finish_reason: finish,
      logprobs: null,
      message: { role: 'assistant', content, refusal: null, ...more },
    },
  ],
  usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 },
})

const question = { model: 'chat', messages: [{ role: 'user' as const, content: 'What are your hours?' }] }
const now = { at: Date.parse('2026-11-01T00:00:00Z') }
const clock = { now: () => now.at }

test('the same request of the same key is answered again: byte for byte, at no cost, with what was saved [C5.exact]', async () => {
  await using upstream = await fakeUpstream(response => answerJson(response, completion('From 9 to 5.')))
  await using gateway = await gatewayForTest({ manifests: routeTo(upstream.url), clock })
  const ask = (key = 'caller', body: object = question, headers: Record<string, string> = {}) =>
    fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  const first = await ask()
  now.at += 12_000
  const second = await ask()
  expect([first, second].map(({ headers }) => [headers.get('causeway-cache'), headers.get('age')])).toEqual([
    ['miss', null],
    ['hit', '12'],
  ])
  expect(await second.text()).toBe(await first.text())
  expect(second.headers.get('causeway-provider')).toBe('upstream')
  expect(second.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'))
  expect(upstream.requests).toHaveLength(1)
  const [miss, hit] = [await gateway.recorded(0), await gateway.recorded(1)]
  expect(miss).toMatchObject({ cache: 'miss', savedNanoUsd: 0, cost: { nanoUsd: 210_000 } })
  expect(hit).toMatchObject({
    cache: 'hit',
    savedNanoUsd: 210_000,
    cost: { nanoUsd: 0, status: 'exact' },
    attempts: [],
  })
  // A request that is answered again counts as a request.
  expect(gateway.reservations[1]).toMatchObject({ nanoUsd: 0, fate: { cost: { nanoUsd: 0 } } })

  // Another key, other words, a client that says no, and time.
  await ask('other')
  await ask('caller', { ...question, temperature: 0 })
  await ask('caller', question, { 'cache-control': 'no-store' })
  expect(upstream.requests).toHaveLength(4)
  expect((await ask('caller', question, { 'cache-control': 'no-cache' })).headers.get('causeway-cache')).toBe('miss')
  now.at += 59_000
  expect((await ask()).headers.get('causeway-cache')).toBe('hit')
  now.at += 2_000
  expect((await ask()).headers.get('causeway-cache')).toBe('miss')
  expect(upstream.requests).toHaveLength(6)
})

test('a stream is replayed as a stream [C5.exact]', async () => {
  await using upstream = await fakeUpstream(response => {
    openStream(response)
    writeEvents(
      response,
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: 'From 9 ' }),
      chunk({ content: 'to 5.' }),
    )
    writeEvents(response, chunk({}, 'stop'), usageChunk(1000, 100), '[DONE]')
    response.end()
  })
  await using gateway = await gatewayForTest({ manifests: routeTo(upstream.url) })
  const ask = async (): Promise<string[]> => {
    const said: string[] = []
    for await (const { choices } of await gateway.client.chat.completions.create({ ...question, stream: true }))
      if (choices[0]?.delta.content) said.push(choices[0].delta.content)
    return said
  }
  expect([await ask(), await ask()]).toEqual([
    ['From 9 ', 'to 5.'],
    ['From 9 ', 'to 5.'],
  ])
  expect(upstream.requests).toHaveLength(1)
  expect(await gateway.recorded(1)).toMatchObject({ cache: 'hit', streamed: true })
})

test('a question that many ask at once is asked once, and where that fails each asks for himself [C5.exact]', async () => {
  const answers = Promise.withResolvers<void>()
  await using upstream = await fakeUpstream(async (response, { body }, number) => {
    if (number === 0) await answers.promise
    if (body.includes('forbidden') && number === 1) answerJson(response, { error: { message: 'no' } }, 400)
    else answerJson(response, completion('From 9 to 5.'))
  })
  await using gateway = await gatewayForTest({ manifests: routeTo(upstream.url) })
  const all = Array.from({ length: 20 }, () => gateway.client.chat.completions.create(question))
  setTimeout(() => answers.resolve(), 200)
  const contents = (await Promise.all(all)).map(({ choices }) => choices[0]?.message.content)
  expect(contents).toEqual(Array.from({ length: 20 }, () => 'From 9 to 5.'))
  expect(upstream.requests).toHaveLength(1)

  const other = { ...question, messages: [{ role: 'user' as const, content: 'something forbidden' }] }
  const outcomes = await Promise.allSettled(
    Array.from({ length: 5 }, () => gateway.client.chat.completions.create(other)),
  )
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(4)
})

test('errors, tool calls and answers that were cut off are not kept; a policy holds for what is kept [C5.exact]', async () => {
  const call = { tool_calls: [{ id: 'call-1', type: 'function', function: { name: 'look', arguments: '{}' } }] }
  await using upstream = await fakeUpstream((response, { body }) => {
    if (body.includes('error')) answerJson(response, { error: { message: 'no' } }, 400)
    else if (body.includes('tool')) answerJson(response, completion(null, 'tool_calls', call))
    else if (body.includes('filter')) answerJson(response, completion('I', 'content_filter'))
    else answerJson(response, completion('From 9 to 5.'))
  })
  let decision: Decision = { answer: 'allow', reasons: [] }
  await using gateway = await gatewayForTest({ manifests: routeTo(upstream.url), decide: () => decision })
  const ask = (content: string) =>
    gateway.client.chat.completions.create({ ...question, messages: [{ role: 'user', content }] }).catch(() => 'failed')
  for (const content of ['error', 'tool', 'filter', 'kept']) for (let round = 0; round < 2; round++) await ask(content)
  expect(upstream.requests.map(({ body }) => JSON.parse(body).messages[0].content)).toEqual([
    'error',
    'error',
    'tool',
    'tool',
    'filter',
    'filter',
    'kept',
  ])
  decision = { answer: 'deny', reasons: [{ source: 'policy', id: 'no-more', message: 'it was forbidden' }] }
  const denied = gateway.client.chat.completions.create({ ...question, messages: [{ role: 'user', content: 'kept' }] })
  await expect(denied).rejects.toThrow(PermissionDeniedError)
})
