import { expect, test } from 'vitest'
import type { ManifestInput } from '@causeway/contracts'
import { answerJson, chunk, fakeUpstream, openStream, usageChunk, writeEvents } from '../testing/fake-upstream.ts'
import { gatewayForTest } from '../testing/gateway-for-test.ts'

const manifests = (baseUrl: string, repairs = 2): ManifestInput[] => [
  {
    kind: 'Provider',
    name: 'upstream',
    spec: {
      type: 'openai-compatible',
      preset: 'openai',
      baseUrl: `${baseUrl}/v1`,
      prices: { models: { m: { input: 1, output: 10 } } },
    },
  },
  { kind: 'Route', name: 'chat', spec: { targets: [{ provider: 'upstream', model: 'm' }], repairs } },
]

const schema = {
  type: 'object',
  properties: { city: { type: 'string' }, degrees: { type: 'number' } },
  required: ['city', 'degrees'],
  additionalProperties: false,
}
const request = {
  model: 'chat',
  messages: [{ role: 'user' as const, content: 'The weather in Oslo?' }],
  response_format: { type: 'json_schema' as const, json_schema: { name: 'weather', strict: true, schema } },
}
const good = '{"city":"Oslo","degrees":-3}'

/** A provider whose answers are these, in their order; undefined fails. */
const saying = (...texts: (string | undefined)[]) =>
  fakeUpstream((response, _request, number) => {
    const text = texts[number]
    if (text === undefined) return answerJson(response, { error: { message: 'no' } }, 400)
    openStream(response)
    writeEvents(response, chunk({ role: 'assistant', content: text }), chunk({}, 'stop'), usageChunk(100, 10), '[DONE]')
    response.end()
  })

test('an answer that does not fit its schema is shown to the model with what is wrong, and the client gets the one that fits [E4.structured-output]', async () => {
  await using upstream = await saying('Cold.', '{"city":"Oslo","degrees":"cold"}', good)
  await using gateway = await gatewayForTest({ manifests: manifests(upstream.url) })
  const { data, response } = await gateway.client.chat.completions.create(request).withResponse()
  expect(data.choices[0]?.message.content).toBe(good)
  expect(response.headers.get('causeway-structured-output')).toBe('repaired')
  expect(response.headers.get('causeway-repairs')).toBe('2')
  const last = JSON.parse(upstream.requests[2]?.body ?? '').messages
  expect(last.slice(1)).toMatchObject([
    { role: 'assistant', content: 'Cold.' },
    { role: 'user', content: expect.stringContaining('it is no JSON') },
    { role: 'assistant', content: '{"city":"Oslo","degrees":"cold"}' },
    { role: 'user', content: expect.stringContaining('/degrees must be number') },
  ])
  // All three were paid.
  expect(await gateway.recorded()).toMatchObject({
    usage: { inputTokens: 300, outputTokens: 30 },
    cost: { nanoUsd: 600_000 },
    structuredOutput: { result: 'repaired', repairs: 2 },
    attempts: [{}, {}, {}],
    outcome: 'completed',
  })
  expect(gateway.reservations.map(({ fate }) => fate)).toEqual(
    Array.from({ length: 3 }, () => expect.objectContaining({ cost: { nanoUsd: 200_000, status: 'exact' } })),
  )
})

test('a stream is whole before its client gets it; what cannot be repaired is given with a warning and never lost [E4.structured-output]', async () => {
  await using upstream = await saying(good, 'Cold.', 'Very cold.', 'Cold.', undefined)
  await using gateway = await gatewayForTest({ manifests: manifests(upstream.url, 1) })
  const { data: stream, response } = await gateway.client.chat.completions
    .create({ ...request, stream: true })
    .withResponse()
  let text = ''
  for await (const { choices } of stream) text += choices[0]?.delta.content ?? ''
  expect([text, response.headers.get('causeway-structured-output')]).toEqual([good, 'valid'])

  const stubborn = await gateway.client.chat.completions.create(request).withResponse()
  expect(stubborn.data.choices[0]?.message.content).toBe('Very cold.')
  expect(stubborn.response.headers.get('causeway-structured-output')).toBe('invalid')

  const failing = await gateway.client.chat.completions.create(request).withResponse()
  expect(failing.data.choices[0]?.message.content).toBe('Cold.')
  expect(failing.response.headers.get('causeway-structured-output')).toBe('invalid')
  expect(await gateway.recorded(2)).toMatchObject({
    usage: { inputTokens: 100, outputTokens: 10 },
    outcome: 'completed',
  })
})

test('without a schema nothing is checked; a pattern of a caller does not hold up the gateway [E4.structured-output, C1.hostile-input]', async () => {
  const text = `{"city":"${'a'.repeat(40)}!"}`
  await using upstream = await saying('Cold.', text)
  await using gateway = await gatewayForTest({ manifests: manifests(upstream.url) })
  const { model, messages } = request
  const free = await gateway.client.chat.completions.create({ model, messages, stream: true }).withResponse()
  for await (const _ of free.data);
  expect(free.response.headers.get('causeway-structured-output')).toBeNull()
  const slow = { type: 'object', properties: { city: { type: 'string', pattern: '^(a+)+$' } } }
  // A backtracking engine would be busy with this for longer than the test may take.
  const evil = await gateway.client.chat.completions
    .create({ model, messages, response_format: { type: 'json_schema', json_schema: { name: 'evil', schema: slow } } })
    .withResponse()
  expect(evil.response.headers.get('causeway-structured-output')).toBe('valid')
})
