import { describe, expect, test } from 'vitest'
import type { ModelRequest } from '../../model-request.ts'
import { recordings } from '../../testing/recordings.ts'
import { gemini } from './index.ts'

const recorded = ['generateContent', 'streamGenerateContent', 'countTokens']
  .flatMap(endpoint => [...recordings('gemini', endpoint), ...recordings('vertex', endpoint)])
  .filter(({ request, name }) => request?.body && name !== 'otel-generate-content-invalid-role.0.json')

const read = (body: unknown): ModelRequest =>
  gemini.readRequest(Buffer.from(JSON.stringify(body)), { model: 'chat', stream: false })

const write = (request: ModelRequest, model = 'gemini-3-flash-preview') =>
  gemini.writeRequest(request, { model, stream: false })

/** Without the stand-in for signatures that are missing, which only the provider is to see. */
const plain = (request: ModelRequest): ModelRequest =>
  JSON.parse(JSON.stringify(request), (key, value: unknown) =>
    key === 'state' && JSON.stringify(value).includes('skip_thought') ? undefined : value,
  ) as ModelRequest

describe.skipIf(recorded.length === 0)(
  `recorded requests to Gemini and Vertex AI (none beside this repository: ${recorded.length === 0})`,
  () => {
    test.each(recorded)('$name means the same after it was read and written [C1.gemini]', ({ request, model }) => {
      const first = read(request?.body)
      const written = write(first, model ?? undefined)
      expect(written.dropped.filter(field => field !== 'reasoning')).toEqual([])
      expect(plain(read(written.body))).toEqual(plain(first))
    })

    test.each(recorded)('$name is relayed with its bytes', ({ request }) => {
      const body = Buffer.from(JSON.stringify(request?.body, undefined, 1))
      const head = gemini.readHead(body, { model: 'chat' })
      expect(head.bodyFor('gemini-3').toString()).toBe(body.toString())
    })

    test('every recorded request is one of the above', () => {
      expect(recorded).toHaveLength(116)
    })
  },
)

test('a role that there is not is refused with its place', () => {
  expect(() => read({ contents: [{ role: 'robot', parts: [] }] })).toThrow(
    expect.objectContaining({ code: 'invalid-request', problems: [expect.objectContaining({ pointer: '/contents' })] }),
  )
})

test("Google's form of schemas becomes JSON Schema, and what users named stays as it is [C1.structured-output]", () => {
  const { tools, output } = read({
    contents: [],
    tools: {
      function_declarations: [
        {
          name: 'book_table',
          parameters: {
            type: 'OBJECT',
            property_ordering: ['max_items', 'type'],
            properties: {
              max_items: { type: 'ARRAY', items: { type: 'STRING', nullable: true, enum: ['a'] }, min_items: '1' },
              type: { any_of: [{ type: 'INTEGER' }, { type: 'BOOLEAN' }] },
              example: { type: 'STRING', example: 'x' },
            },
          },
        },
        { name: 'now' },
      ],
    },
    generation_config: {
      response_mime_type: 'application/json',
      response_json_schema: { type: 'object', properties: { some_key: { type: 'string' } } },
    },
  })
  expect(tools.map(({ name, input }) => [name, input])).toEqual([
    [
      'book_table',
      {
        type: 'object',
        properties: {
          max_items: { type: 'array', items: { type: ['string', 'null'], enum: ['a', null] }, minItems: 1 },
          type: { anyOf: [{ type: 'integer' }, { type: 'boolean' }] },
          example: { type: 'string', examples: ['x'] },
        },
      },
    ],
    ['now', { type: 'object', properties: {} }],
  ])
  expect(output).toMatchObject({ schema: { properties: { some_key: { type: 'string' } } } })
})

test('what changes the answer is refused where it cannot be done, hints are reported [C1.translate-dialects]', () => {
  const request = read({
    contents: [{ parts: [{ text: 'Hi' }] }],
    safetySettings: [{ category: 'HARM_CATEGORY_HATE_SPEECH', threshold: 'BLOCK_NONE' }],
    generationConfig: { candidateCount: 2, responseModalities: ['TEXT'] },
    toolConfig: { retrievalConfig: { languageCode: 'de' } },
    tools: [{ googleSearch: {} }],
  })
  expect(request.extra).toMatchObject({ essential: ['generationConfig.candidateCount'] })
  expect(write(request).body).toMatchObject({
    safetySettings: [{ threshold: 'BLOCK_NONE' }],
    generationConfig: { candidateCount: 2 },
    toolConfig: { retrievalConfig: { languageCode: 'de' } },
    tools: [{ googleSearch: {} }],
  })
  expect(
    write({
      ...request,
      extra: { dialect: 'openai-chat', fields: { store: true } },
      foreignTools: [{ dialect: 'openai-responses', value: { type: 'web_search' } }],
      user: 'u',
      cacheKey: 'k',
      serviceTier: 'scale',
    }).dropped,
  ).toEqual(['store', 'tools', 'service_tier', 'user', 'prompt_cache_key'])
})

test('results of parallel calls stand together, with files inside of them or behind them [C1.translate-dialects] [C1.vision]', () => {
  const picture = {
    type: 'media',
    media: 'image',
    mediaType: 'image/png',
    source: { type: 'base64', data: 'AA==' },
  } as const
  const request: ModelRequest = {
    route: 'chat',
    tools: [],
    messages: [
      {
        role: 'assistant',
        content: [
          { type: 'tool-call', callId: 'a', tool: 'draw', arguments: {} },
          { type: 'tool-call', callId: 'b', tool: 'read', arguments: '{"broken' },
        ],
      },
      { role: 'tool', callId: 'a', tool: 'draw', content: [picture], failed: false },
      { role: 'tool', callId: 'b', tool: 'read', content: [{ type: 'text', text: 'not there' }], failed: true },
      { role: 'user', content: [{ type: 'text', text: 'And now?' }] },
    ],
  }
  const inlineData = { mimeType: 'image/png', data: 'AA==' }
  const failure = { functionResponse: { id: 'b', name: 'read', response: { error: 'not there' } } }
  const rest = [{ role: 'user', parts: [{ text: 'And now?' }] }]
  const contentsFor = (model: string): unknown[] => (write(request, model).body['contents'] as unknown[]).slice(1)
  expect(contentsFor('gemini-3-pro')).toEqual([
    {
      role: 'user',
      parts: [{ functionResponse: { id: 'a', name: 'draw', response: {}, parts: [{ inlineData }] } }, failure],
    },
    ...rest,
  ])
  expect(contentsFor('gemini-2.5-pro')).toEqual([
    { role: 'user', parts: [{ functionResponse: { id: 'a', name: 'draw', response: {} } }, failure] },
    { role: 'user', parts: [{ inlineData }] },
    ...rest,
  ])
  const [first] = read(write(request).body).messages
  expect(first?.content).toMatchObject([{ arguments: {} }, { arguments: { text: '{"broken' } }])
})

test.each([
  ['gemini-2.5-flash', { effort: 'none' }, { thinkingBudget: 0 }],
  ['gemini-2.5-pro', { effort: 'none' }, { thinkingBudget: 128 }],
  ['gemini-2.5-pro', { effort: 'high', show: true }, { thinkingBudget: 24_576, includeThoughts: true }],
  ['gemini-3-pro-preview', { effort: 'medium' }, { thinkingLevel: 'HIGH' }],
  ['gemini-3-flash-preview', { effort: 'medium' }, { thinkingLevel: 'MEDIUM' }],
  ['gemini-3.5-flash', { budgetTokens: 2000 }, { thinkingBudget: 2000 }],
  ['gemini-flash-latest', { effort: 'xhigh' }, { thinkingLevel: 'HIGH' }],
  ['gemini-2.0-flash', { effort: 'high' }, undefined],
])('%s is asked to think as it can: %j [C1.reasoning]', (model, reasoning, thinkingConfig) => {
  const { body, dropped } = write({ route: 'chat', messages: [], tools: [], reasoning }, model)
  expect(body['generationConfig']).toEqual(thinkingConfig && { thinkingConfig })
  expect(dropped).toEqual(thinkingConfig ? [] : ['reasoning'])
})

test('a body that is nested without end is refused, not followed [C1.hostile-input]', () => {
  const deep = `{"contents":[],"tools":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
  expect(() => gemini.readRequest(Buffer.from(deep), { model: 'chat' })).toThrow(
    expect.objectContaining({ code: 'invalid-request' }),
  )
})
