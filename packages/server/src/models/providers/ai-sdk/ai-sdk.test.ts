import { expect, test } from 'vitest'
import type { ManifestInput } from '@causeway/contracts'
import { answerJson, fakeUpstream } from '../../testing/fake-upstream.ts'
import { gatewayForTest } from '../../testing/gateway-for-test.ts'
import { routeOver } from '../../testing/models-for-test.ts'
import { speakingUpstream, type SpokenDialect } from '../../testing/speaking-upstream.ts'

const packages: Readonly<Record<SpokenDialect, string>> = {
  chat: '@ai-sdk/openai-compatible',
  messages: '@ai-sdk/anthropic',
  responses: '@ai-sdk/openai',
}

const by = (name: string, url: string): ManifestInput & { kind: 'Provider' } => ({
  kind: 'Provider',
  name: 'sdk',
  spec: { type: 'ai-sdk', package: name, baseUrl: `${url}/v1`, apiKey: { secret: 'SDK_KEY' } },
})
const start = (name: string, url: string, secrets: Record<string, string> = { SDK_KEY: 'sdk-secret' }) =>
  gatewayForTest({ manifests: routeOver({ provider: by(name, url), model: 'gpt-4o' }), secrets })

const weather = {
  type: 'function' as const,
  function: {
    name: 'weather',
    description: 'Tells it.',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  },
}
const call = { id: 'call_1', name: 'weather', arguments: '{"city":"Oslo"}' }

test.each(['chat', 'messages', 'responses'] as const)(
  'a package of the AI SDK is a provider: text, calls of tools and their results, streamed and whole: %s [C2.ai-sdk]',
  async dialect => {
    await using upstream = await speakingUpstream(
      dialect,
      { text: 'I will look.', calls: [call] },
      { text: 'It is cold.' },
    )
    await using gateway = await start(packages[dialect], upstream.url)
    const first = gateway.client.chat.completions.stream({
      model: 'chat',
      messages: [
        { role: 'system', content: 'Be short.' },
        { role: 'user', content: 'The weather in Oslo?' },
      ],
      tools: [weather],
      max_tokens: 100,
      user: 'anna',
    })
    const asked = await first.finalMessage()
    expect(asked).toMatchObject({
      content: 'I will look.',
      tool_calls: [{ id: 'call_1', function: { name: 'weather', arguments: '{"city":"Oslo"}' } }],
    })
    const { data, response } = await gateway.client.chat.completions
      .create({
        model: 'chat',
        messages: [
          { role: 'user', content: 'The weather in Oslo?' },
          { role: 'assistant', content: 'I will look.', tool_calls: asked.tool_calls ?? [] },
          { role: 'tool', tool_call_id: 'call_1', content: '-4 degrees' },
        ],
        tools: [weather],
        user: 'anna',
      })
      .withResponse()
    expect(data.choices[0]).toMatchObject({ message: { content: 'It is cold.' }, finish_reason: 'stop' })
    expect(data.usage).toMatchObject({ prompt_tokens: 20, completion_tokens: 7 })
    expect(response.headers.get('causeway-dropped')).toBe('user')
    expect(upstream.requests[1]?.body).toContain('-4 degrees')
    expect(JSON.stringify(upstream.requests[0]?.headers)).toContain('sdk-secret')
    expect(await gateway.recorded(1)).toMatchObject({ usageEstimated: false, provider: 'sdk', outcome: 'completed' })
  },
)

test('what the provider answers when it fails is understood as that of others: keys, limits, requests; a broken stream fails over [C2.ai-sdk, C3.failure-classes]', async () => {
  const failures = [
    [429, { error: { message: 'slow down', type: 'rate_limit_error' } }],
    [400, { error: { message: 'This is wrong: sdk-secret', type: 'invalid_request_error' } }],
    [401, { error: { message: 'bad key sdk-secret', type: 'authentication_error' } }],
  ] as const
  await using upstream = await fakeUpstream((response, _request, number) => {
    const [status, body] = failures[Math.min(Math.max(number - 2, 0), 2)] ?? [500, {}]
    answerJson(response, body, status, { 'retry-after': '2' })
  })
  await using gateway = await start('@ai-sdk/openai-compatible', upstream.url)
  const ask = () =>
    gateway.client.chat.completions.create({ model: 'chat', messages: [{ role: 'user', content: 'Hi' }] })
  await expect(ask()).rejects.toMatchObject({ status: 429, code: 'provider-rate-limited' })
  // As long as the provider says, and a little more.
  expect(gateway.waits).toEqual([2100, 2100])
  await expect(ask()).rejects.toMatchObject({
    status: 400,
    code: 'request-refused',
    message: expect.not.stringContaining('sdk-secret'),
  })
  await expect(ask()).rejects.toMatchObject({
    code: 'provider-rejected',
    message: expect.not.stringContaining('sdk-secret'),
  })

  await using broken = await speakingUpstream('chat', { status: 500 })
  await using whole = await speakingUpstream('chat', { text: 'Here.' })
  await using both = await gatewayForTest({
    manifests: routeOver(
      { provider: by('@ai-sdk/openai-compatible', broken.url), model: 'm' },
      { provider: { ...whole.provider, name: 'other' }, model: 'm' },
    ),
    secrets: { SDK_KEY: 'x' },
  })
  const answer = await both.client.chat.completions.create({
    model: 'chat',
    messages: [{ role: 'user', content: 'Hi' }],
  })
  expect(answer.choices[0]?.message.content).toBe('Here.')
})

test('a package that is not installed, or a missing key, says so and leaves the call to others [C2.ai-sdk]', async () => {
  const ask = async (gateway: Awaited<ReturnType<typeof start>>) =>
    gateway.client.chat.completions.create({ model: 'chat', messages: [{ role: 'user', content: 'Hi' }] })
  await using missing = await start('@ai-sdk/not-there', 'http://127.0.0.1:9')
  await expect(ask(missing)).rejects.toMatchObject({
    message: expect.stringContaining('@ai-sdk/not-there cannot be used'),
  })
  await using keyless = await start('@ai-sdk/openai', 'http://127.0.0.1:9', {})
  await expect(ask(keyless)).rejects.toMatchObject({ message: expect.stringContaining('SDK_KEY has no value') })
})
