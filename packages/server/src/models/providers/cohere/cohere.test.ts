import { expect, test } from 'vitest'
import { userMessage } from '../../model-request.ts'
import { answerJson, fakeUpstream, openStream, writeEvents } from '../../testing/fake-upstream.ts'
import { modelsForTest, routeOver, scope } from '../../testing/models-for-test.ts'

const signal = AbortSignal.timeout(10_000)
const request = { route: 'chat', messages: [userMessage('Hi')], tools: [] }
const world = (baseUrl: string) =>
  modelsForTest({
    manifests: routeOver({
      provider: {
        kind: 'Provider',
        name: 'cohere',
        spec: { type: 'cohere', baseUrl, apiKey: { secret: 'COHERE_API_KEY' } },
      },
      model: 'command-a-03-2025',
    }),
    secrets: { COHERE_API_KEY: 'co-key' },
  })
const text = (piece: string) => ({ type: 'content-delta', index: 0, delta: { message: { content: { text: piece } } } })

test('a model of Cohere answers, and is paid for what it bills [C2.cohere]', async () => {
  await using upstream = await fakeUpstream(response => {
    openStream(response)
    writeEvents(
      response,
      { type: 'message-start', id: 'c1', delta: { message: { role: 'assistant' } } },
      { type: 'content-start', index: 0, delta: { message: { content: { type: 'text', text: '' } } } },
      text('Good '),
      { type: 'news', delta: 7 },
      text('day.'),
      {
        type: 'citation-start',
        index: 0,
        delta: {
          message: {
            citations: { start: 0, end: 4, text: 'Good', sources: [{ type: 'document', document: { title: 'T' } }] },
          },
        },
      },
      { type: 'content-end', index: 0 },
      {
        type: 'message-end',
        delta: {
          finish_reason: 'COMPLETE',
          usage: { billed_units: { input_tokens: 1_000_000, output_tokens: 0 }, tokens: { input_tokens: 1_000_500 } },
        },
      },
    )
    response.end()
  })
  await using models = world(upstream.url)
  expect(await models.models.call(scope, request, { signal })).toMatchObject({
    text: 'Good day.',
    content: [{ type: 'text', text: 'Good day.', citations: [{ title: 'T' }] }],
    usage: { inputTokens: 1_000_000 },
    cost: { nanoUsd: 2_500_000_000, status: 'exact' },
  })
  expect(upstream.requests[0]).toMatchObject({ url: '/v2/chat', headers: { authorization: 'Bearer co-key' } })
})

test.each([
  ['a refusal', 400, '{"id":"x","message":"invalid request: no"}', 'request-refused', 'invalid request: no'],
  ['an error in a stream', 200, 'data: {"id":"x","message":"internal"}\n\n', 'provider-failed', 'internal'],
  [
    'an end with an error',
    200,
    'data: {"type":"message-end","delta":{"finish_reason":"ERROR","error":"oh"}}\n\n',
    'provider-failed',
    'oh',
  ],
  ['a stream that is cut', 200, 'data: {"type":"message-start"}\n\n', 'provider-failed', 'broke off'],
])('%s says so [C2.cohere]', async (_name, status, body, code, said) => {
  await using upstream = await fakeUpstream(response => answerJson(response, body, status))
  await using models = world(upstream.url)
  await expect(models.models.call(scope, request, { signal })).rejects.toMatchObject({
    code,
    message: expect.stringContaining(said),
  })
})
