import { expect, test } from 'vitest'
import { answerJson, fakeUpstream, openStream, writeEvents } from '../../testing/fake-upstream.ts'
import { gatewayForTest } from '../../testing/gateway-for-test.ts'
import { routeOver } from '../../testing/models-for-test.ts'

const usage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 }
const chunk = (delta: object, more: object = {}) => ({
  id: 'cmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'mistral-small-latest',
  choices: [{ index: 0, delta, finish_reason: null, ...more }],
})

/** Refuses what Mistral does not know, as its API does. */
const mistral = () =>
  fakeUpstream((response, { body }) => {
    const { seed, user, stream_options: options, max_completion_tokens: limit, stream, messages } = JSON.parse(body)
    if ([seed, user, options, limit].some(each => each !== undefined) || messages[0].role === 'developer') {
      response.writeHead(422, { 'content-type': 'application/json' })
      return void response.end('{"object":"error","message":"extra_forbidden","type":"invalid_request_error"}')
    }
    if (stream !== true)
      return answerJson(response, {
        ...chunk({}),
        object: 'chat.completion',
        choices: [{ index: 0, message: { role: 'assistant', content: 'Bonjour.' }, finish_reason: 'stop' }],
        usage,
      })
    openStream(response)
    writeEvents(response, chunk({ role: 'assistant', content: '' }), chunk({ content: 'Bonjour.' }))
    // The usage stands in the last chunk, asked for or not.
    writeEvents(response, { ...chunk({ content: '' }, { finish_reason: 'stop' }), usage })
    response.end('data: [DONE]\n\n')
  })

test('Mistral is sent what it knows and nothing that it refuses, whole and streamed, and what was left out is told [C2.mistral]', async () => {
  await using upstream = await mistral()
  await using gateway = await gatewayForTest({
    manifests: routeOver({
      provider: {
        kind: 'Provider',
        name: 'mistral',
        spec: {
          type: 'openai-compatible',
          preset: 'mistral',
          baseUrl: `${upstream.url}/v1`,
          apiKey: { secret: 'MISTRAL_KEY' },
        },
      },
      model: 'mistral-small-latest',
    }),
    secrets: { MISTRAL_KEY: 'mistral-key' },
  })
  const question = {
    model: 'chat',
    messages: [{ role: 'user' as const, content: 'Salut' }],
    max_completion_tokens: 20,
    seed: 7,
    user: 'ann',
  }
  const { data, response } = await gateway.client.chat.completions.create(question).withResponse()
  expect(data.choices[0]?.message.content).toBe('Bonjour.')
  expect(response.headers.get('causeway-dropped')?.split(', ').toSorted()).toEqual(['seed', 'user'])
  expect(JSON.parse(upstream.requests[0]?.body ?? '')).toMatchObject({
    model: 'mistral-small-latest',
    max_tokens: 20,
  })
  expect(upstream.requests[0]).toMatchObject({
    url: '/v1/chat/completions',
    headers: { authorization: 'Bearer mistral-key' },
  })

  await gateway.client.chat.completions.create({
    ...question,
    messages: [{ role: 'developer', content: 'Brief.' }, ...question.messages],
  })

  const stream = await gateway.client.chat.completions.create({
    ...question,
    stream: true,
    stream_options: { include_usage: true },
  })
  let text = ''
  let told: unknown
  for await (const each of stream) {
    text += each.choices[0]?.delta.content ?? ''
    told = each.usage ?? told
  }
  expect([text, told]).toEqual(['Bonjour.', expect.objectContaining(usage)])
  const paid = { usage: { inputTokens: 9, outputTokens: 3 } }
  expect(gateway.reservations.map(({ fate }) => fate)).toMatchObject([paid, paid, paid])
})
