import { assistantMessage, systemMessage, toolMessage, userMessage } from '../../model-request.ts'
import { expect, test } from 'vitest'
import type { ManifestInput } from '@causeway/contracts'
import type { ModelMessage, ModelRequest } from '../../model-request.ts'
import { answerJson, fakeUpstream, openStream } from '../../testing/fake-upstream.ts'
import { modelsForTest, routeOver, scope } from '../../testing/models-for-test.ts'
import { recordings } from '../../testing/recordings.ts'

const signal = AbortSignal.timeout(20_000)
const claude = (url: string): ManifestInput & { kind: 'Provider' } => ({
  kind: 'Provider',
  name: 'claude',
  spec: { type: 'anthropic', baseUrl: url, apiKey: { secret: 'ANTHROPIC_API_KEY' } },
})
const worldAt = (url: string, model = 'claude-sonnet-4-5') =>
  modelsForTest({
    manifests: routeOver({ provider: claude(url), model }),
    secrets: { ANTHROPIC_API_KEY: 'anthropic-key' },
  })

const events = (...list: ({ type: string } & Record<string, unknown>)[]): string =>
  list.map(event => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
const start = {
  type: 'message_start',
  message: {
    usage: { input_tokens: 10, cache_read_input_tokens: 100, cache_creation_input_tokens: 5, output_tokens: 1 },
  },
}
const delta = (index: number, part: object) => ({ type: 'content_block_delta', index, delta: part })
const end = (reason: string) => [
  { type: 'message_delta', delta: { stop_reason: reason }, usage: { output_tokens: 40 } },
  { type: 'message_stop' },
]

const request: ModelRequest = { route: 'chat', messages: [userMessage('Hi')], tools: [] }

test('a conversation with tools is sent in the form of the Messages API [C2.anthropic]', async () => {
  await using upstream = await fakeUpstream(response => {
    openStream(response)
    response.end(
      events(
        start,
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
        delta(0, { type: 'text_delta', text: 'Done.' }),
        ...end('end_turn'),
      ),
    )
  })
  await using world = worldAt(upstream.url)
  const messages: ModelMessage[] = [
    systemMessage('Be brief.'),
    userMessage('Two names, please'),
    assistantMessage(' ', [
      { callId: 'a', tool: 'name', arguments: { n: 1 } },
      { callId: 'b', tool: 'name', arguments: {} },
    ]),
    toolMessage({ callId: 'a', tool: 'name', text: 'Charles', failed: false }),
    toolMessage({ callId: 'b', tool: 'name', text: 'no more names', failed: true }),
    systemMessage('Now answer.'),
  ]
  const tools = [{ name: 'name', description: 'Makes a name', input: { properties: {} } }]
  const response = await world.models.call(
    scope,
    { route: 'chat', messages, tools, toolChoice: 'required', temperature: 1.5, stop: ['END'] },
    { signal },
  )
  expect(response.text).toBe('Done.')
  const [received] = upstream.requests
  expect(received?.url).toBe('/v1/messages')
  expect(received?.headers).toMatchObject({ 'x-api-key': 'anthropic-key', 'anthropic-version': '2023-06-01' })
  expect(JSON.parse(received?.body ?? '')).toEqual({
    model: 'claude-sonnet-4-5',
    max_tokens: 4096,
    stream: true,
    system: 'Be brief.\n\nNow answer.',
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'Two names, please' }] },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'a', name: 'name', input: { n: 1 } },
          { type: 'tool_use', id: 'b', name: 'name', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: 'Charles' },
          { type: 'tool_result', tool_use_id: 'b', content: 'no more names', is_error: true },
        ],
      },
    ],
    tools: [{ name: 'name', description: 'Makes a name', input_schema: { type: 'object', properties: {} } }],
    tool_choice: { type: 'any' },
    temperature: 1,
    stop_sequences: ['END'],
  })
})

test('text, parallel tool calls in pieces and cached tokens come back in ours [C2.anthropic, C5.prompt-cache] [C7.nano-usd-cost]', async () => {
  await using upstream = await fakeUpstream(response => {
    openStream(response)
    response.end(
      events(
        start,
        { type: 'content_block_start', index: 0, content_block: { type: 'thinking' } },
        delta(0, { type: 'thinking_delta', thinking: 'hm' }),
        { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
        { type: 'ping' },
        delta(1, { type: 'text_delta', text: 'One ' }),
        delta(1, { type: 'text_delta', text: 'moment.' }),
        {
          type: 'content_block_start',
          index: 2,
          content_block: { type: 'tool_use', id: 'toolu_1', name: 'look', input: {} },
        },
        delta(2, { type: 'input_json_delta', partial_json: '' }),
        delta(2, { type: 'input_json_delta', partial_json: '{"or' }),
        delta(2, { type: 'input_json_delta', partial_json: 'der":"A-1"}' }),
        {
          type: 'content_block_start',
          index: 3,
          content_block: { type: 'tool_use', id: 'toolu_2', name: 'list', input: {} },
        },
        { type: 'a_type_of_next_year' },
        ...end('tool_use'),
      ),
    )
  })
  await using world = worldAt(upstream.url)
  expect(await world.models.call(scope, request, { signal })).toMatchObject({
    text: 'One moment.',
    toolCalls: [
      { callId: 'toolu_1', tool: 'look', arguments: { order: 'A-1' } },
      { callId: 'toolu_2', tool: 'list', arguments: {} },
    ],
    finishReason: 'tool-calls',
    usage: { inputTokens: 115, outputTokens: 40, cachedInputTokens: 100, cacheWriteTokens: 5 },
    // 10 at $3, 100 at $0.30, 5 at $3.75 and 40 at $15, each a million.
    cost: { nanoUsd: 30_000 + 30_000 + 18_750 + 600_000, status: 'exact' },
  })
})

test('an overloaded provider is tried again, a refused request is not [C3.bounded-attempts]', async () => {
  await using overloaded = await fakeUpstream((response, _request, number) => {
    if (number === 0)
      return answerJson(response, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 529)
    openStream(response)
    if (number === 1)
      return response.end(events(start, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }))
    return response.end()
  })
  await using first = worldAt(overloaded.url)
  await expect(first.models.call(scope, request, { signal })).rejects.toMatchObject({
    code: 'provider-failed',
    attempts: [{ status: 529 }, { failureClass: 'capacity' }, { failureClass: 'transient' }],
  })
  await using refusing = await fakeUpstream(response =>
    answerJson(
      response,
      { type: 'error', error: { type: 'invalid_request_error', message: 'max_tokens: too many' } },
      400,
    ),
  )
  await using second = worldAt(refusing.url)
  const refused = second.models.call(scope, request, { signal })
  await expect(refused).rejects.toMatchObject({
    code: 'request-refused',
    message: expect.stringContaining('max_tokens: too many'),
  })
  expect(refusing.requests).toHaveLength(1)
})

interface RecordedEvent {
  type: string
  delta?: { type?: string; text?: string; partial_json?: string; stop_reason?: string }
  content_block?: { type: string; name?: string }
  usage?: Record<string, number>
}

/** Without those that report an error, and those that hold the answers of several calls. */
const streams = recordings('anthropic', 'messages').filter(
  ({ response: { status, sse_text: text = '' } }) =>
    status === 200 && text.split('event: message_start').length === 2 && !text.includes('event: error'),
)

const recordedText = (sent: readonly RecordedEvent[]): string =>
  sent.map(({ delta: part }) => (part?.type === 'text_delta' ? part.text : '')).join('')

test.skipIf(streams.length === 0)(
  'recorded streams are read whole; skipped where no recordings lie beside the repository [C2.anthropic]',
  async () => {
    for (const { name, response: recorded, model } of streams) {
      const text = recorded.sse_text ?? ''
      const sent = text
        .split('\n')
        .filter(line => line.startsWith('data:'))
        .map((line): RecordedEvent => JSON.parse(line.slice(5)))
      await using upstream = await fakeUpstream(response => {
        response.writeHead(200, recorded.headers)
        response.end(text)
      })
      await using world = worldAt(upstream.url, model || 'claude')
      const answer = await world.models.call(scope, request, { signal })
      expect({
        name,
        text: answer.text,
        tools: answer.toolCalls.map(({ tool }) => tool),
        argumentsAreObjects: answer.toolCalls.every(call => typeof call.arguments === 'object'),
        outputTokens: answer.usage.outputTokens,
        hasInput: answer.usage.inputTokens > 0,
      }).toEqual({
        name,
        text: recordedText(sent),
        tools: sent.filter(event => event.content_block?.type === 'tool_use').map(event => event.content_block?.name),
        argumentsAreObjects: true,
        outputTokens: sent.findLast(event => event.type === 'message_delta')?.usage?.['output_tokens'],
        hasInput: true,
      })
    }
  },
)
