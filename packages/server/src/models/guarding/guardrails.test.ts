import { toFile, type OpenAI } from 'openai'
import { expect, test } from 'vitest'
import type { ManifestInput } from '@causeway/contracts'
import { detectorServer, wordDetector } from '../../guardrails/testing/detector-server.ts'
import { answerJson, fakeUpstream } from '../testing/fake-upstream.ts'
import { gatewayForTest, type GatewayForTest } from '../testing/gateway-for-test.ts'
import { userMessage } from '../model-request.ts'
import { modelsForTest, routeOver, scope } from '../testing/models-for-test.ts'
import { speakingUpstream, type SpokenDialect } from '../testing/speaking-upstream.ts'

const card = '4111 1111 1111 1111'
const guardrail = (spec: Partial<(ManifestInput & { kind: 'Guardrail' })['spec']> = {}): ManifestInput => ({
  kind: 'Guardrail',
  name: 'no-cards',
  spec: { detectors: ['payment-card'], action: 'redact', ...spec },
})
const question = { model: 'chat', messages: [{ role: 'user' as const, content: `My card is ${card}.` }] }

const post = (gateway: GatewayForTest, path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${gateway.url}${path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer caller', 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

/** Everything that a client can ask a model for in JSON, with a card number wherever there is room for one. */
const requests: readonly [path: string, body: object][] = [
  [
    '/v1/chat/completions',
    {
      model: 'chat',
      messages: [
        { role: 'system', content: `Card ${card}` },
        { role: 'user', content: [{ type: 'text', text: card }], name: 'anna' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c', type: 'function', function: { name: 'pay', arguments: `{"card":"${card}"}` } }],
        },
        { role: 'tool', tool_call_id: 'c', content: `paid with ${card}` },
        { role: 'user', content: 'Go on.' },
      ],
      tools: [{ type: 'function', function: { name: 'pay', description: card, parameters: { type: 'object' } } }],
      metadata: { card: 4111111111111111 },
    },
  ],
  ['/v1/responses', { model: 'chat', instructions: card, input: [{ role: 'user', content: card }] }],
  ['/v1/messages', { model: 'chat', max_tokens: 9, system: card, messages: [{ role: 'user', content: card }] }],
  ['/v1/messages/count_tokens', { model: 'chat', messages: [{ role: 'user', content: card }] }],
  ['/v1beta/models/chat:generateContent', { contents: [{ role: 'user', parts: [{ text: card }] }] }],
  ['/v1beta/models/chat:streamGenerateContent?alt=sse', { contents: [{ role: 'user', parts: [{ text: card }] }] }],
  ['/v1beta/models/chat:countTokens', { contents: [{ role: 'user', parts: [{ text: card }] }] }],
  ['/v1/embeddings', { model: 'chat', input: [card, `and ${card}`] }],
  ['/v1/rerank', { model: 'chat', query: card, documents: [card] }],
  ['/v1/images/generations', { model: 'chat', prompt: card }],
  ['/v1/audio/speech', { model: 'chat', input: card, voice: 'alloy' }],
]

test.each(
  requests.flatMap(([path, body]) =>
    (['chat', 'messages', 'responses'] as const).flatMap((dialect): [string, SpokenDialect, object][] => [
      [path, dialect, body],
      ...(/chat|responses|messages$/.test(path)
        ? [[path, dialect, { ...body, stream: true }] as [string, SpokenDialect, object]]
        : []),
    ]),
  ),
)('what a guardrail redacts goes to no provider: %s over %s [C6.redaction]', async (path, dialect, body) => {
  await using upstream = await speakingUpstream(dialect, { text: 'Fine.' })
  await using gateway = await gatewayForTest({
    manifests: [...routeOver({ provider: upstream.provider, model: 'm' }), guardrail()],
    secrets: { UPSTREAM_KEY: 'key' },
  })
  const answer = await post(gateway, path, body)
  await answer.text()
  for (const { body: sent } of upstream.requests) {
    expect(sent).not.toMatch(/4111/)
    expect(sent).toContain('[payment-card]')
  }
  // A provider that has nothing of the kind is not asked.
  if (upstream.requests.length === 0) expect([200, 400, 404, 501, 502]).toContain(answer.status)
})

test('what has nothing in it goes on byte for byte, and what was redacted is told without being repeated [C6.redaction, C1.unknown-fields]', async () => {
  await using upstream = await speakingUpstream('responses', { text: 'Fine.' })
  await using gateway = await gatewayForTest({
    manifests: [...routeOver({ provider: upstream.provider, model: 'm' }), guardrail({ dataClass: 'payment' })],
  })
  const plain =
    '{"model": "chat",\n "messages":[{"role":"user","content":"4111 1111 1111 1112"}], "seed":12345678901234567890}'
  const untouched = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer caller', 'content-type': 'application/json' },
    body: plain,
  })
  expect(untouched.headers.get('causeway-guardrails')).toBeNull()
  expect(upstream.requests[0]?.body).toBe(plain.replace('"chat"', '"m"'))
  const redacted = await post(gateway, '/v1/chat/completions', { ...question, unknown: 1 })
  expect(redacted.headers.get('causeway-guardrails')).toBe('no-cards;payment-card=1')
  expect(JSON.parse(upstream.requests[1]?.body ?? '')).toEqual({
    model: 'm',
    messages: [{ role: 'user', content: 'My card is [payment-card].' }],
    unknown: 1,
  })
  expect(await gateway.recorded(1)).toMatchObject({
    dataClasses: ['payment'],
    guardrails: [{ guardrail: 'no-cards', detector: 'payment-card', at: 'input', action: 'redact', count: 1 }],
  })
})

test('what a guardrail blocks reaches nobody and costs nothing, and the client is told why in its dialect [C6.redaction, E1.input]', async () => {
  await using upstream = await speakingUpstream('chat', { text: 'Fine.' })
  await using gateway = await gatewayForTest({
    manifests: [...routeOver({ provider: upstream.provider, model: 'm' }), guardrail({ action: 'block' })],
  })
  await expect(gateway.client.chat.completions.create(question)).rejects.toMatchObject({
    status: 400,
    code: 'guardrail-blocked',
    message: expect.stringContaining('"no-cards" blocks the request: it has a payment-card'),
  })
  expect(upstream.requests).toEqual([])
  expect(gateway.reservations).toEqual([])
  expect(await gateway.recorded()).toMatchObject({ errorCode: 'guardrail-blocked', guardrails: [{ count: 1 }] })
  expect(JSON.stringify(gateway.records)).not.toContain('4111')
})

test.each(['chat', 'messages', 'responses'] as const)(
  'an answer is redacted before the client has any of it, text and arguments alike, whole and streamed: %s [C6.redaction, E1.tool-call]',
  async dialect => {
    const call = { id: 'call_1', name: 'pay', arguments: `{"card":"${card}","sum":3}` }
    const long = `${'A sentence that is long. '.repeat(60)}Your card is ${card}. ${'Another one. '.repeat(60)}`
    await using upstream = await speakingUpstream(dialect, { text: long, calls: [call] })
    await using gateway = await gatewayForTest({
      manifests: [...routeOver({ provider: upstream.provider, model: 'm' }), guardrail({ at: ['output'] })],
      secrets: { UPSTREAM_KEY: 'key' },
    })
    const request = {
      ...question,
      tools: [{ type: 'function' as const, function: { name: 'pay', parameters: { type: 'object' } } }],
    }
    const whole = await gateway.client.chat.completions.create(request)
    const [choice] = whole.choices
    expect(choice?.message.content).toBe(long.replace(card, '[payment-card]'))
    expect(choice?.message.tool_calls).toMatchObject([{ function: { arguments: '{"card":"[payment-card]","sum":3}' } }])
    const stream = gateway.client.chat.completions.stream(request)
    expect(await stream.finalContent()).toBe(long.replace(card, '[payment-card]'))
    expect((await stream.finalMessage()).tool_calls).toMatchObject([
      { function: { arguments: '{"card":"[payment-card]","sum":3}' } },
    ])
    expect(await gateway.recorded(1)).toMatchObject({ guardrails: [{ at: 'output', count: 2 }], outcome: 'completed' })
  },
)

test('an answer that is blocked on its way ends in an error, before what is blocked [C6.redaction, E1.output]', async () => {
  const text = `${'A sentence that is long. '.repeat(60)}Your card is ${card}.`
  await using upstream = await speakingUpstream('chat', { text })
  await using gateway = await gatewayForTest({
    manifests: [
      ...routeOver({ provider: upstream.provider, model: 'm' }),
      guardrail({ at: ['output'], action: 'block' }),
    ],
  })
  await expect(gateway.client.chat.completions.create(question)).rejects.toMatchObject({ code: 'guardrail-blocked' })
  const pieces: string[] = []
  const streaming = async (): Promise<void> => {
    for await (const { choices } of await gateway.client.chat.completions.create({ ...question, stream: true }))
      pieces.push(choices[0]?.delta.content ?? '')
  }
  await expect(streaming()).rejects.toThrow('blocks the answer')
  expect(pieces.join('')).toMatch(/^A sentence/)
  expect(pieces.join('')).not.toContain('4111')
  expect(await gateway.recorded(1)).toMatchObject({ outcome: 'failed', errorCode: 'guardrail-blocked' })
})

test('what a model said is looked into too when another one is to go on with it [C6.redaction]', async () => {
  await using broken = await speakingUpstream('chat', { text: `Your card is ${card}, `, unfinished: true })
  await using other = await speakingUpstream('messages', { text: 'and that is all.' })
  await using gateway = await gatewayForTest({
    manifests: [
      ...routeOver(
        { provider: { ...broken.provider, name: 'broken' }, model: 'm' },
        { provider: { ...other.provider, name: 'other' }, model: 'claude-3-haiku' },
      ),
      guardrail(),
    ],
    secrets: { UPSTREAM_KEY: 'key' },
    deadlines: { idleMs: 50 },
  })
  const asked = gateway.client.chat.completions.stream({
    model: 'chat',
    messages: [{ role: 'user', content: 'Which card?' }],
  })
  await asked.finalContent().catch(() => {})
  expect(other.requests.length).toBeGreaterThan(0)
  for (const { body } of other.requests) expect(body).not.toContain('4111')
})

test('data of a class goes only to providers that may be sent it, whoever says of which class it is [C6.data-classes]', async () => {
  await using anywhere = await fakeUpstream(response => answerJson(response, {}, 500))
  await using inside = await speakingUpstream('chat', { text: 'Fine.' })
  const spec = { type: 'openai-compatible', baseUrl: `${anywhere.url}/v1` } as const
  const subjects: object[] = []
  await using gateway = await gatewayForTest({
    manifests: [
      { kind: 'Provider', name: 'anywhere', spec },
      {
        ...inside.provider,
        name: 'inside',
        spec: { ...spec, baseUrl: `${inside.url}/v1`, region: 'eu', dataClasses: ['payment'] },
      },
      { kind: 'Route', name: 'chat', spec: { targets: [{ provider: 'inside', model: 'm' }] } },
      {
        kind: 'Route',
        name: 'ledger',
        spec: { targets: [{ provider: 'inside', model: 'm' }], dataClasses: ['accounts'] },
      },
      guardrail({ action: 'classify', dataClass: 'payment' }),
    ],
    decide(subject) {
      subjects.push(subject)
      return { answer: 'allow', reasons: [] }
    },
  })
  await gateway.client.chat.completions.create(question)
  await gateway.client.chat.completions.create(
    { model: 'ledger', messages: [{ role: 'user', content: 'Hi' }] },
    { headers: { 'causeway-data-classes': 'health, payment' } },
  )
  expect(subjects).toMatchObject([
    { region: 'eu', accepts: ['payment'], dataClasses: ['payment'] },
    { region: 'eu', accepts: ['payment'], dataClasses: ['health', 'payment', 'accounts'] },
  ])
  await expect(
    gateway.client.chat.completions.create(question, { headers: { 'causeway-data-classes': 'Not A Name' } }),
  ).rejects.toMatchObject({ status: 400 })
})

test('forms: words in them are looked into, and one with something to redact is refused rather than sent as it is [C6.redaction]', async () => {
  await using upstream = await fakeUpstream(response => answerJson(response, { text: 'Hello.' }))
  const manifests = (spec: Parameters<typeof guardrail>[0]): ManifestInput[] => [
    ...routeOver({
      provider: {
        kind: 'Provider',
        name: 'upstream',
        spec: { type: 'openai-compatible', preset: 'openai', baseUrl: `${upstream.url}/v1` },
      },
      model: 'm',
    }),
    guardrail(spec),
  ]
  const transcribe = async (client: OpenAI, prompt: string) =>
    client.audio.transcriptions.create({ model: 'chat', file: await toFile(Buffer.from('RIFF'), 'a.wav'), prompt })
  await using input = await gatewayForTest({ manifests: manifests({}) })
  expect(await transcribe(input.client, 'Names')).toMatchObject({ text: 'Hello.' })
  await expect(transcribe(input.client, `Card ${card}`)).rejects.toMatchObject({ code: 'guardrail-blocked' })
  await using output = await gatewayForTest({ manifests: manifests({ at: ['output'] }) })
  await expect(transcribe(output.client, 'Names')).rejects.toMatchObject({ code: 'guardrail-blocked' })
  expect(upstream.requests).toHaveLength(1)
})

test('the calls of agents pass the same guardrails [C6.redaction]', async () => {
  await using upstream = await speakingUpstream('chat', { text: `Paid with ${card}.` })
  await using world = modelsForTest({
    manifests: [
      ...routeOver({ provider: upstream.provider, model: 'm' }),
      guardrail({ at: ['input', 'output'], dataClass: 'payment' }),
    ],
  })
  const subjects: object[] = []
  const texts: string[] = []
  const response = await world.models.call(
    scope,
    { route: 'chat', messages: [userMessage(`My card is ${card}.`)], tools: [] },
    {
      signal: new AbortController().signal,
      onText: text => texts.push(text),
      admit: async subject => void subjects.push(subject),
    },
  )
  expect(upstream.requests[0]?.body).toContain('My card is [payment-card].')
  expect(response.text).toBe('Paid with [payment-card].')
  expect(texts.join('')).toBe(response.text)
  expect(subjects).toMatchObject([{ dataClasses: ['payment'], accepts: [] }])
  expect(response.guardrails).toMatchObject([{ at: 'input' }, { at: 'output' }])
})

const external = (url: string, more: object = {}) => [{ name: 'names', url, detectorId: 'person', ...more }]

test.each(requests.filter(([path]) => !/count/i.test(path)).slice(0, 7))(
  'what a detector elsewhere finds goes to no provider, and it is asked once for all attempts: %s [E1.external-detector]',
  async (path, body) => {
    await using detector = await detectorServer(wordDetector(card))
    await using upstream = await speakingUpstream('chat')
    await using gateway = await gatewayForTest({
      manifests: [
        guardrail({ detectors: [], external: external(detector.url) }),
        ...routeOver({ provider: upstream.provider, model: 'm' }),
      ],
    })
    const response = await post(gateway, path, body)
    expect(response.status).toBe(200)
    expect(response.headers.get('causeway-guardrails')).toMatch(/^no-cards;names=/)
    expect(JSON.stringify(upstream.requests)).not.toContain(card)
    expect(JSON.stringify(upstream.requests)).toContain('[names]')
    expect(detector.asked).toHaveLength(1)
  },
)

test('a request is refused where a detector that must be asked does not answer, and goes on where it need not [E1.external-detector]', async () => {
  await using detector = await detectorServer(() => ({}), 503)
  await using upstream = await speakingUpstream('chat')
  const answered = async (onFailure: string) => {
    await using gateway = await gatewayForTest({
      manifests: [
        guardrail({ detectors: [], external: external(detector.url, { onFailure }) }),
        ...routeOver({ provider: upstream.provider, model: 'm' }),
      ],
    })
    const response = await post(gateway, '/v1/chat/completions', question)
    return [response.status, await response.text()]
  }
  expect(await answered('block')).toEqual([400, expect.stringContaining('could not ask its detector names')])
  expect(upstream.requests).toEqual([])
  expect(await answered('pass')).toEqual([200, expect.anything()])
})
