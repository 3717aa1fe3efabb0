import type { ManifestInput } from '@causeway/contracts'
import { APIError } from 'openai'
import { expect, test } from 'vitest'
import { answerJson, fakeUpstream, openStream, writeEvents } from '../../testing/fake-upstream.ts'
import { gatewayForTest } from '../../testing/gateway-for-test.ts'
import { routeOver } from '../../testing/models-for-test.ts'
import { recordings } from '../../testing/recordings.ts'

const over = (url: string) => {
  const provider: ManifestInput & { kind: 'Provider' } = {
    kind: 'Provider',
    name: 'google',
    spec: { type: 'gemini', baseUrl: `${url}/`, apiKey: { secret: 'GEMINI_API_KEY' } },
  }
  return {
    manifests: routeOver({ provider, model: 'gemini-3-flash-preview' }),
    secrets: { GEMINI_API_KEY: 'gemini-key' },
  }
}

const piece = (parts: object[], more: object = {}): object => ({
  candidates: [{ content: { role: 'model', parts }, index: 0, ...more }],
  usageMetadata: { promptTokenCount: 10, cachedContentTokenCount: 4, candidatesTokenCount: 5, thoughtsTokenCount: 7 },
  modelVersion: 'gemini-3-flash-preview',
  responseId: 'answer-1',
})

test('the official client of OpenAI streams thoughts, calls of tools and their signatures from Gemini [C2.gemini] [C1.translate-dialects]', async () => {
  await using upstream = await fakeUpstream(response => {
    openStream(response)
    writeEvents(
      response,
      piece([{ text: 'Both cities.', thought: true }]),
      piece([{ functionCall: { name: 'weather', args: { city: 'Oslo' } }, thoughtSignature: 'c2ln' }]),
      piece([{ functionCall: { name: 'weather', args: { city: 'Rome' } } }]),
      piece([{ text: '' }], { finishReason: 'STOP' }),
    )
    response.end()
  })
  await using gateway = await gatewayForTest(over(upstream.url))
  const stream = gateway.client.chat.completions.stream({
    model: 'chat',
    reasoning_effort: 'high',
    stream_options: { include_usage: true },
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'The weather in Oslo and Rome?' },
    ],
    tools: [
      {
        type: 'function',
        function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
      },
    ],
    tool_choice: 'required',
  })
  const { choices, usage } = await stream.finalChatCompletion()
  const calls = choices[0]?.message.tool_calls ?? []
  expect(choices[0]?.finish_reason).toBe('tool_calls')
  expect(calls).toMatchObject([
    {
      function: { name: 'weather', arguments: '{"city":"Oslo"}' },
      extra_content: { google: { thought_signature: 'c2ln' } },
    },
    { function: { name: 'weather', arguments: '{"city":"Rome"}' } },
  ])
  expect(usage).toMatchObject({
    prompt_tokens: 10,
    completion_tokens: 12,
    prompt_tokens_details: { cached_tokens: 4 },
    completion_tokens_details: { reasoning_tokens: 7 },
  })
  const [request] = upstream.requests
  expect(request?.url).toBe('/v1beta/models/gemini-3-flash-preview:streamGenerateContent?alt=sse')
  expect(request?.headers['x-goog-api-key']).toBe('gemini-key')
  expect(JSON.parse(request?.body ?? '')).toEqual({
    systemInstruction: { parts: [{ text: 'Be brief.' }] },
    contents: [{ role: 'user', parts: [{ text: 'The weather in Oslo and Rome?' }] }],
    tools: [
      {
        functionDeclarations: [
          { name: 'weather', parametersJsonSchema: { type: 'object', properties: { city: { type: 'string' } } } },
        ],
      },
    ],
    toolConfig: { functionCallingConfig: { mode: 'ANY' } },
    generationConfig: { thinkingConfig: { thinkingLevel: 'HIGH' } },
  })
})

const errors = ['generateContent', 'streamGenerateContent']
  .flatMap(endpoint => [...recordings('gemini', endpoint), ...recordings('vertex', endpoint)])
  .filter(({ response }) => response.status !== 200)

test.skipIf(errors.length === 0)(
  `recorded errors reach clients of Google as they were and others in their own form (none beside this repository: ${errors.length === 0}) [C1.errors]`,
  async () => {
    expect(errors).toHaveLength(9)
    for (const { response: recorded, name } of errors) {
      await using upstream = await fakeUpstream(response => answerJson(response, recorded.body, recorded.status))
      await using gateway = await gatewayForTest(over(upstream.url))
      const response = await fetch(`${gateway.url}/v1beta/models/chat:generateContent`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-goog-api-key': 'caller' },
        body: '{"contents":[]}',
      })
      expect([name, response.status, await response.json()]).toEqual([name, recorded.status, recorded.body])
      const { message } = (recorded.body as { error: { message: string } }).error
      const refused = await gateway.client.chat.completions
        .create({ model: 'chat', messages: [{ role: 'user', content: 'Hi' }] })
        .catch((error: unknown) => error)
      expect(refused).toBeInstanceOf(APIError)
      expect(String(refused)).toContain(message.slice(0, 100))
    }
  },
)
