import { ApiError, FunctionCallingConfigMode, GoogleGenAI, Type, type GenerateContentResponse } from '@google/genai'
import type { ManifestInput } from '@causeway/contracts'
import { expect, test } from 'vitest'
import {
  answerJson,
  chunk,
  fakeUpstream,
  openStream,
  usageChunk,
  writeEvents,
  type FakeUpstream,
} from '../testing/fake-upstream.ts'
import { gatewayForTest, type GatewayForTest } from '../testing/gateway-for-test.ts'
import { routeOver } from '../testing/models-for-test.ts'

type Provider = ManifestInput & { kind: 'Provider' }

const clientOf = ({ url }: GatewayForTest, apiKey = 'caller'): GoogleGenAI =>
  new GoogleGenAI({ apiKey, httpOptions: { baseUrl: url } })
const chatServer = ({ url }: FakeUpstream): Provider => ({
  kind: 'Provider',
  name: 'chat-server',
  spec: { type: 'openai-compatible', baseUrl: `${url}/v1` },
})
const google = ({ url }: FakeUpstream): Provider => ({
  kind: 'Provider',
  name: 'google',
  spec: { type: 'gemini', baseUrl: url, apiKey: { secret: 'GEMINI_API_KEY' } },
})
const over = (provider: Provider, model: string) => ({
  manifests: routeOver({ provider, model }),
  secrets: { GEMINI_API_KEY: 'gemini-key' },
})

const weather = {
  functionDeclarations: [
    {
      name: 'weather',
      description: 'The weather of a city',
      parameters: { type: Type.OBJECT, properties: { city: { type: Type.STRING, nullable: true } } },
    },
  ],
}

const toolCalls = [
  { index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":' } },
  { index: 1, id: 'call_2', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } },
] as const

const post = (url: string, body: string): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', 'x-goog-api-key': 'caller' }, body })

async function all(stream: AsyncGenerator<GenerateContentResponse>): Promise<GenerateContentResponse[]> {
  const responses: GenerateContentResponse[] = []
  for await (const response of stream) responses.push(response)
  return responses
}

const textsOf = (responses: readonly GenerateContentResponse[]): string[] =>
  responses.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []).flatMap(({ text }) => text ?? [])

test('the official client streams text and parallel tool calls from a provider of another dialect [C1.gemini] [C1.gemini]', async () => {
  await using upstream = await fakeUpstream(response => {
    openStream(response)
    writeEvents(
      response,
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: 'I ' }),
      chunk({ content: 'look.' }),
      chunk({ tool_calls: [toolCalls[0]] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '"Oslo"}' } }] }),
      chunk({ tool_calls: [toolCalls[1]] }),
      chunk({}, 'tool_calls'),
      usageChunk(20, 9),
      '[DONE]',
    )
    response.end()
  })
  await using gateway = await gatewayForTest(over(chatServer(upstream), 'gpt'))
  const responses = await all(
    await clientOf(gateway).models.generateContentStream({
      model: 'chat',
      contents: 'The weather in Oslo and Rome?',
      config: { systemInstruction: 'Be brief.', tools: [weather], temperature: 0.5, maxOutputTokens: 100 },
    }),
  )
  expect(textsOf(responses)).toEqual(['I ', 'look.'])
  expect(responses.flatMap(({ functionCalls }) => functionCalls ?? [])).toEqual([
    { id: 'call_1', name: 'weather', args: { city: 'Oslo' } },
    { id: 'call_2', name: 'weather', args: { city: 'Rome' } },
  ])
  expect(responses.at(-1)).toMatchObject({
    candidates: [{ finishReason: 'STOP' }],
    modelVersion: 'gpt',
    usageMetadata: { promptTokenCount: 20, candidatesTokenCount: 9, totalTokenCount: 29 },
  })
  expect(JSON.parse(upstream.requests[0]?.body ?? '')).toMatchObject({
    model: 'gpt',
    stream: true,
    temperature: 0.5,
    max_tokens: 100,
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'The weather in Oslo and Rome?' },
    ],
    tools: [
      {
        type: 'function',
        function: {
          name: 'weather',
          parameters: { type: 'object', properties: { city: { type: ['string', 'null'] } } },
        },
      },
    ],
  })
})

test('results of tools, images and structured output reach a provider of another dialect [C1.translate-dialects] [C1.structured-output]', async () => {
  await using upstream = await fakeUpstream(response => {
    openStream(response)
    writeEvents(response, chunk({ content: '{"degrees":-4}' }), chunk({}, 'stop'), usageChunk(1, 1), '[DONE]')
    response.end()
  })
  await using gateway = await gatewayForTest(over(chatServer(upstream), 'gpt'))
  const response = await clientOf(gateway).models.generateContent({
    model: 'chat',
    contents: [
      { role: 'user', parts: [{ text: 'How cold?' }, { inlineData: { mimeType: 'image/png', data: '_-A=' } }] },
      // Clients written for older models send no ids: results are matched by the names of the tools.
      { role: 'model', parts: [{ functionCall: { name: 'weather', args: { city: 'Oslo' } } }] },
      { role: 'user', parts: [{ functionResponse: { name: 'weather', response: { output: 'frost' } } }] },
    ],
    config: {
      tools: [weather],
      toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ['weather'] } },
      responseMimeType: 'application/json',
      responseSchema: { type: Type.OBJECT, properties: { degrees: { type: Type.NUMBER } } },
    },
  })
  expect(response.text).toBe('{"degrees":-4}')
  const sent = JSON.parse(upstream.requests[0]?.body ?? '')
  const callId: string = sent.messages[1].tool_calls[0].id
  expect(sent).toMatchObject({
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'How cold?' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,/+A=' } },
        ],
      },
      { role: 'assistant', tool_calls: [{ function: { name: 'weather', arguments: '{"city":"Oslo"}' } }] },
      { role: 'tool', tool_call_id: callId, content: 'frost' },
    ],
    tool_choice: { type: 'function', function: { name: 'weather' } },
    response_format: {
      type: 'json_schema',
      json_schema: { schema: { type: 'object', properties: { degrees: { type: 'number' } } } },
    },
  })
})

const wholeAnswer = {
  candidates: [{ content: { parts: [{ text: 'Hi', newField: { kept: 1 } }], role: 'model' }, finishReason: 'STOP' }],
  usageMetadata: { promptTokenCount: 13, candidatesTokenCount: 2, thoughtsTokenCount: 5, totalTokenCount: 20 },
  modelVersion: 'gemini-3-flash-preview',
}

test('a request for Gemini reaches it with the bytes that it has, and its answer comes back so [C1.gemini, C7.reasoning-tokens] [C1.unknown-fields]', async () => {
  await using upstream = await fakeUpstream(response => answerJson(response, wholeAnswer))
  await using gateway = await gatewayForTest(over(google(upstream), 'gemini-3-flash-preview'))
  const body = '{"contents" : {"parts":{"text":"Hi \\u00e9"}},"field_of_next_year":[1e3],"safety_settings":[ ]}'
  const response = await post(`${gateway.url}/v1beta/models/chat:generateContent`, body)
  expect(await response.text()).toBe(JSON.stringify(wholeAnswer))
  const [received] = upstream.requests
  expect(received?.url).toBe('/v1beta/models/gemini-3-flash-preview:generateContent')
  expect(received?.body).toBe(body)
  expect(received?.headers).toMatchObject({ 'x-goog-api-key': 'gemini-key' })
  expect(await gateway.recorded()).toMatchObject({
    dialect: 'gemini',
    usage: { inputTokens: 13, outputTokens: 7, reasoningTokens: 5 },
    finishReason: 'stop',
  })
})

const piece = (text: string, more: object = {}): object => ({
  candidates: [{ content: { parts: [{ text }], role: 'model' }, index: 0, ...more }],
  usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 },
})

test('a stream is one JSON array for clients that do not ask for events, relayed or translated [C1.gemini]', async () => {
  await using gemini = await fakeUpstream((response, { url }) => {
    expect(url).toBe('/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse')
    openStream(response)
    writeEvents(response, piece('Good '), piece('day', { finishReason: 'STOP' }))
    response.end()
  })
  await using chat = await fakeUpstream(response => {
    openStream(response)
    writeEvents(response, chunk({ content: 'Good ' }), chunk({ content: 'day' }), chunk({}, 'stop'), usageChunk(3, 2))
    response.end('data: [DONE]\n\n')
  })
  for (const options of [over(google(gemini), 'gemini-2.5-flash'), over(chatServer(chat), 'gpt')]) {
    await using gateway = await gatewayForTest(options)
    const response = await post(
      `${gateway.url}/v1beta/models/chat:streamGenerateContent`,
      JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }] }),
    )
    expect(response.headers.get('content-type')).toBe('application/json; charset=UTF-8')
    const elements = (await response.json()) as GenerateContentResponse[]
    expect(textsOf(elements)).toEqual(['Good ', 'day'])
    expect(elements.at(-1)).toMatchObject({
      candidates: [{ finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2 },
    })
    expect(await gateway.recorded()).toMatchObject({ usage: { inputTokens: 3, outputTokens: 2 }, outcome: 'completed' })
  }
})

test('a stream that breaks off is an error for the client in either form [C1.errors]', async () => {
  await using upstream = await fakeUpstream(response => {
    openStream(response)
    writeEvents(response, chunk({ content: 'Half of' }))
    setTimeout(() => response.destroy(), 50)
  })
  await using gateway = await gatewayForTest(over(chatServer(upstream), 'gpt'))
  const stream = await clientOf(gateway).models.generateContentStream({ model: 'chat', contents: 'Hi' })
  await expect(all(stream)).rejects.toBeInstanceOf(ApiError)
  const response = await post(
    `${gateway.url}/v1beta/models/chat:streamGenerateContent`,
    JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }] }),
  )
  expect(((await response.json()) as unknown[]).at(-1)).toMatchObject({ error: { code: 502, status: 'INTERNAL' } })
})

test('errors are those that the official client reads, of the provider in its own words [C1.errors]', async () => {
  const words = {
    error: { code: 400, message: 'The input token count exceeds the maximum', status: 'INVALID_ARGUMENT' },
  }
  await using upstream = await fakeUpstream(response => answerJson(response, words, 400))
  await using gateway = await gatewayForTest(over(google(upstream), 'gemini-2.5-flash'))
  const ask = (client: GoogleGenAI, model: string): Promise<unknown> =>
    client.models.generateContent({ model, contents: 'Hi' }).catch((error: unknown) => error)
  const refused = await ask(clientOf(gateway), 'chat')
  expect(refused).toBeInstanceOf(ApiError)
  expect(refused).toMatchObject({ status: 400, message: JSON.stringify(words) })
  expect(await ask(clientOf(gateway, 'nobody'), 'chat')).toMatchObject({ status: 401 })
  const missing = await ask(clientOf(gateway), 'nothing')
  expect(missing).toMatchObject({ status: 404, message: expect.stringContaining('"status":"NOT_FOUND"') })
})

test('tokens are counted by Gemini, and estimated where the provider cannot [C1.count-tokens]', async () => {
  await using upstream = await fakeUpstream(response => answerJson(response, { totalTokens: 14 }))
  await using counting = await gatewayForTest(over(google(upstream), 'gemini-2.5-flash'))
  const question = { model: 'chat', contents: 'How many tokens are these?' }
  expect((await clientOf(counting).models.countTokens(question)).totalTokens).toBe(14)
  const inner = '{"generateContentRequest":{"model":"models/chat","contents":[]}}'
  await post(`${counting.url}/v1beta/models/chat:countTokens`, inner)
  expect(upstream.requests.map(({ url, body }) => [url, body])).toEqual([
    ['/v1beta/models/gemini-2.5-flash:countTokens', expect.stringContaining('How many')],
    ['/v1beta/models/gemini-2.5-flash:countTokens', inner.replace('models/chat', 'models/gemini-2.5-flash')],
  ])
  await using guessing = await gatewayForTest(over(chatServer(upstream), 'gpt'))
  expect((await clientOf(guessing).models.countTokens(question)).totalTokens).toBeGreaterThan(3)
})

test('clients set to Vertex AI, with its longer addresses, and names with a slash are served too [C1.gemini]', async () => {
  await using upstream = await fakeUpstream(response => answerJson(response, wholeAnswer))
  await using gateway = await gatewayForTest(over(google(upstream), 'gemini-2.5-flash'))
  for (const path of [
    '/v1beta1/projects/p/locations/global/publishers/google/models/chat',
    '/v1/projects/p/locations/global/publishers/google/models/google/gemini-2.5-flash',
    '/v1beta/models/google%2Fgemini-2.5-flash',
  ]) {
    const response = await fetch(`${gateway.url}${path}:generateContent`, {
      method: 'POST',
      headers: { authorization: 'Bearer caller', 'content-type': 'application/json' },
      body: '{"contents":[{"role":"user","parts":[{"text":"Hi"}]}]}',
    })
    expect(await response.json()).toEqual(wholeAnswer)
  }
})

test('models are listed in the form of the official client [C1.models-list]', async () => {
  await using upstream = await fakeUpstream(response => answerJson(response, wholeAnswer))
  await using gateway = await gatewayForTest(over(google(upstream), 'gemini-2.5-flash'))
  const names: (string | undefined)[] = []
  for await (const model of await clientOf(gateway).models.list()) names.push(model.name)
  expect(names).toContain('models/chat')
  expect((await clientOf(gateway).models.get({ model: 'chat' })).displayName).toBe('chat')
})
