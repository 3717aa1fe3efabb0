import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { CausewayError, type Decision, type ManifestInput } from '@causeway/contracts'
import OpenAI, { AuthenticationError, NotFoundError, PermissionDeniedError, RateLimitError } from 'openai'
import { answerJson, fakeUpstream } from '../testing/fake-upstream.ts'
import { gatewayForTest } from '../testing/gateway-for-test.ts'
import { routeOver } from '../testing/models-for-test.ts'

const script = (name: string): ManifestInput & { kind: 'Provider' } => ({
  kind: 'Provider',
  name,
  spec: { type: 'rehearsal', conversations: [], otherwise: [{ text: `I am ${name}.` }] },
})
const manifests = routeOver({ provider: script('first'), model: 'm' }, { provider: script('second'), model: 'm' })
const question = { role: 'user', content: 'Who are you?' } as const

test('errors are the ones that the official client knows [C1.chat-completions-official-client]', async () => {
  await using gateway = await gatewayForTest({ manifests })
  const ask = (apiKey: string, model: string) =>
    new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey, maxRetries: 0 }).chat.completions.create({
      model,
      messages: [question],
    })
  await expect(ask('wrong', 'chat')).rejects.toThrow(AuthenticationError)
  await expect(ask('viewer', 'chat')).rejects.toThrow(PermissionDeniedError)
  await expect(ask('caller', 'nothing')).rejects.toThrow(NotFoundError)
  await expect(ask('caller', 'nobody/model')).rejects.toMatchObject({
    status: 404,
    code: 'model-not-found',
    type: 'invalid_request_error',
    message: expect.stringContaining('GET /v1/models'),
  })
  await expect(ask('caller', '')).rejects.toMatchObject({ status: 400, code: 'invalid-request', param: 'model' })
  expect(gateway.reservations).toEqual([])
})

test('the models are the routes and what stands behind them [C1.models-list]', async () => {
  await using gateway = await gatewayForTest({ manifests })
  const { data } = await gateway.client.models.list()
  expect(data.map(({ id }) => id)).toEqual(['chat', 'first/m', 'second/m'])
  expect(await gateway.client.models.retrieve('first/m')).toMatchObject({
    id: 'first/m',
    object: 'model',
    owned_by: 'causeway',
  })
  await expect(gateway.client.models.retrieve('other')).rejects.toThrow(NotFoundError)
  const direct = await gateway.client.chat.completions.create({ model: 'second/m', messages: [question] })
  expect(direct.choices[0]?.message.content).toBe('I am second.')
})

const denial = (id: string): Decision => ({
  answer: 'deny',
  reasons: [{ source: 'policy', id, message: 'not for this team' }],
})

test('a target that a policy denies is passed over, and when none is left the reasons are told [C6.allowed-models]', async () => {
  await using some = await gatewayForTest({
    manifests,
    decide: ({ provider }) => (provider === 'first' ? denial('no-first') : { answer: 'allow', reasons: [] }),
  })
  const answer = await some.client.chat.completions.create({ model: 'chat', messages: [question] })
  expect(answer.choices[0]?.message.content).toBe('I am second.')

  await using none = await gatewayForTest({ manifests, decide: ({ provider }) => denial(`no-${provider}`) })
  const denied = none.client.chat.completions.create({ model: 'chat', messages: [question] })
  await expect(denied).rejects.toMatchObject({
    status: 403,
    code: 'policy-denied',
    message: expect.stringContaining('no-first: not for this team'),
  })
  expect(none.reservations).toEqual([])
})

test('a budget that is used up ends the call before it is made [C4.reserve-before-call]', async () => {
  await using gateway = await gatewayForTest({
    manifests,
    reserve() {
      throw new CausewayError('rate-limited', 'The budget of the team is used up.', { retryAfterSeconds: 30 })
    },
  })
  const refused = gateway.client.chat.completions.create({ model: 'chat', messages: [question] })
  await expect(refused).rejects.toThrow(RateLimitError)
})

test('a body that is too large is refused before it is read, and while it is read [C1.body-limit]', async () => {
  await using gateway = await gatewayForTest({ manifests })
  const send = (head: string, body: string) =>
    new Promise<string>(resolve => {
      const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1')
      socket.once('data', data => {
        resolve(data.toString())
        socket.destroy()
      })
      socket.on('error', () => {})
      socket.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer caller\r\n${head}\r\n\r\n`)
      socket.write(body)
    })
  const announced = await send(`content-length: ${30 * 1024 * 1024}`, '')
  expect(announced).toMatch(/^HTTP\/1\.1 413 /)
  const size = 21 * 1024 * 1024
  const streamed = await send('transfer-encoding: chunked', `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`)
  expect(streamed).toMatch(/^HTTP\/1\.1 413 /)
  expect(streamed).toContain('payload-too-large')
})

test('other paths are left to others', async () => {
  await using gateway = await gatewayForTest({ manifests })
  for (const path of ['/v1/runs', '/v1/model', '/'])
    expect(await (await fetch(gateway.url + path)).text()).toBe('for somebody else')
})

test('a route says why none of its targets can be used [C2.availability]', async () => {
  await using gone = await fakeUpstream(response => answerJson(response, {}))
  const { url } = gone
  await gone[Symbol.asyncDispose]()
  await using gateway = await gatewayForTest({
    manifests: routeOver(
      {
        provider: {
          kind: 'Provider',
          name: 'cloud',
          spec: {
            type: 'openai-compatible',
            baseUrl: 'https://api.openai.com/v1',
            apiKey: { secret: 'OPENAI_API_KEY' },
          },
        },
        model: 'm',
      },
      {
        provider: {
          kind: 'Provider',
          name: 'claude',
          spec: { type: 'anthropic', apiKey: { secret: 'ANTHROPIC_API_KEY' } },
        },
        model: 'm',
      },
      {
        provider: {
          kind: 'Provider',
          name: 'ollama',
          spec: { type: 'openai-compatible', baseUrl: `${url}/v1`, optional: true },
        },
        model: 'auto',
      },
      { provider: { kind: 'Provider', name: 'here', spec: { type: 'local' } }, model: 'm' },
    ),
  })
  const refused = gateway.client.chat.completions.create({ model: 'chat', messages: [question] })
  await expect(refused).rejects.toMatchObject({ status: 503, code: 'no-provider-available' })
  const message = await refused.catch((error: unknown) => String(error))
  for (const part of ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', `nothing answers at ${url}`, 'CAUSEWAY_LOCAL_MODEL'])
    expect(message).toContain(part)
})
