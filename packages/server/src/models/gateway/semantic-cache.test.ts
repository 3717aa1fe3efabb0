import { expect, test } from 'vitest'
import type { ManifestInput } from '@causeway/contracts'
import { answerJson, fakeUpstream } from '../testing/fake-upstream.ts'
import { gatewayForTest } from '../testing/gateway-for-test.ts'

/** What texts mean to the model of the test. */
const meanings: Readonly<Record<string, number[]>> = {
  'When are you open?': [1, 0, 0],
  'What are your hours?': [2, 0.4, 0],
  'Where are you?': [0, 1, 0],
}

/** A provider that embeds and answers, saying which question it was asked. */
const upstreamFor = (embed: (text: string) => unknown = text => meanings[text] ?? [0, 0, 1]) =>
  fakeUpstream((response, { url, body }) => {
    const request = JSON.parse(body)
    if (url.endsWith('/embeddings')) {
      const embedding = embed(request.input)
      return embedding === undefined
        ? answerJson(response, { error: { message: 'no' } }, 400)
        : answerJson(response, { data: [{ index: 0, embedding }], usage: { prompt_tokens: 5, total_tokens: 5 } })
    }
    const content = `To: ${request.messages.at(-1).content}`
    const choices = [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }]
    return answerJson(response, { id: '1', choices, usage: { prompt_tokens: 1000, completion_tokens: 100 } })
  })

const routesTo = (baseUrl: string, more: ManifestInput[] = []): ManifestInput[] => [
  {
    kind: 'Provider',
    name: 'upstream',
    spec: {
      type: 'openai-compatible',
      preset: 'openai',
      baseUrl: `${baseUrl}/v1`,
      prices: { models: { m: { input: 1, output: 10 }, e: { input: 0.1, output: 0 } } },
    },
  },
  { kind: 'Route', name: 'embeddings', spec: { targets: [{ provider: 'upstream', model: 'e' }] } },
  {
    kind: 'Route',
    name: 'chat',
    spec: {
      targets: [{ provider: 'upstream', model: 'm' }],
      cache: { ttlSeconds: 60, semantic: { embeddings: 'embeddings', threshold: 0.95 } },
    },
  },
  ...more,
]

interface Asked {
  key?: string
  more?: object
  before?: object[]
}

async function start(...given: Parameters<typeof routesTo>) {
  const gateway = await gatewayForTest({ manifests: routesTo(...given) })
  const ask = async (content: string, { key = 'caller', more = {}, before = [] }: Asked = {}) => {
    const { headers, ...response } = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'chat', messages: [...before, { role: 'user', content }], ...more }),
    }).then(async answered => ({ headers: answered.headers, status: answered.status, text: await answered.text() }))
    return { ...response, cache: headers.get('causeway-cache'), similarity: headers.get('causeway-cache-similarity') }
  }
  return { gateway, ask }
}

test('a question that means the same gets the answer that was kept, and what that saved is told [C5.semantic]', async () => {
  await using upstream = await upstreamFor()
  const { gateway, ask } = await start(upstream.url)
  await using _ = gateway
  expect(await ask('When are you open?')).toMatchObject({ cache: 'miss', similarity: null })
  const similar = await ask('What are your hours?')
  expect(similar).toMatchObject({ cache: 'hit', similarity: '0.9806' })
  expect(similar.text).toContain('To: When are you open?')
  expect(await ask('Where are you?')).toMatchObject({ cache: 'miss', similarity: null })
  expect(await ask('Where are you?')).toMatchObject({ cache: 'hit', similarity: null })
  await gateway.recorded(6)
  const calls = gateway.records.map(({ route, cache, savedNanoUsd, cost }) => [
    route,
    cache,
    savedNanoUsd,
    cost.nanoUsd,
  ])
  expect(calls).toEqual([
    ['embeddings', null, 0, 500],
    ['chat', 'miss', 0, 2_000_000],
    ['embeddings', null, 0, 500],
    ['chat', 'hit', 2_000_000, 0],
    ['embeddings', null, 0, 500],
    ['chat', 'miss', 0, 2_000_000],
    // The very same question is found without looking for its meaning.
    ['chat', 'hit', 2_000_000, 0],
  ])
  expect(gateway.reservations.every(({ fate }) => fate !== 'held')).toBe(true)
})

test('meaning is compared only where everything else is the same: key, settings, what was said before; never with tools [C5.semantic, H1.tenancy]', async () => {
  await using upstream = await upstreamFor()
  const { gateway, ask } = await start(upstream.url)
  await using _ = gateway
  await ask('When are you open?')
  const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }]
  for (const other of [
    { key: 'other' },
    { more: { temperature: 0 } },
    { more: { stream: true } },
    { more: { tools } },
    { before: [{ role: 'system', content: 'You are a shop in Oslo.' }] },
  ])
    expect({ other, ...(await ask('What are your hours?', other)) }).not.toMatchObject({ cache: 'hit' })
  const embedded = (): number => upstream.requests.filter(({ url }) => url.endsWith('/embeddings')).length
  const before = embedded()
  await ask('Where are you?', { more: { tools } })
  expect(embedded()).toBe(before)
})

test.each([
  ['no embedding is to be had', () => undefined],
  ['it is none', () => 'nothing'],
  ['it is nothing', () => [0, 0, 0]],
])('the model is asked where %s [C5.semantic]', async (_why, embed) => {
  await using upstream = await upstreamFor(embed)
  const { gateway, ask } = await start(upstream.url)
  await using _ = gateway
  for (const question of ['When are you open?', 'What are your hours?'])
    expect(await ask(question)).toMatchObject({ status: 200, cache: 'miss' })
})

test('a text that guardrails redact is embedded without what they redact [C6.redaction]', async () => {
  await using upstream = await upstreamFor()
  const { gateway, ask } = await start(upstream.url, [
    { kind: 'Guardrail', name: 'no-cards', spec: { detectors: ['payment-card'], action: 'redact' } },
  ])
  await using _ = gateway
  await ask('Charge 4111 1111 1111 1111, please.')
  expect(upstream.requests).toHaveLength(2)
  for (const { body } of upstream.requests) expect(body).toContain('[payment-card]')
})
