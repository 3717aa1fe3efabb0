import type OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { gatewayForTest } from '../testing/gateway-for-test.ts'
import { routeOver } from '../testing/models-for-test.ts'
import { readOpenResponsesStream, ResponseResource } from '../testing/open-responses.ts'
import { speakingUpstream, type SpokenDialect, type SpokenTurn } from '../testing/speaking-upstream.ts'

type Request = Pick<OpenAI.Responses.ResponseCreateParams, 'input' | 'tools'>
type Message = OpenAI.Responses.EasyInputMessage

const says = (role: Message['role'], content: Message['content']): Message => ({ type: 'message', role, content })
// One transparent pixel.
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='
const weather: OpenAI.Responses.FunctionTool = {
  type: 'function',
  name: 'get_weather',
  description: 'The weather of a place',
  parameters: { type: 'object', properties: { location: { type: 'string' } }, required: ['location'] },
  strict: null,
}
const callsWeather: SpokenTurn = {
  calls: [{ id: 'call_1', name: 'get_weather', arguments: '{"location":"San Francisco, CA"}' }],
}

interface BaseCase {
  name: string
  stream: boolean
  request: Request
  turn: SpokenTurn
  /** What the provider has to be told, in whichever dialect. */
  told: string[]
}

/** The base cases of https://www.openresponses.org/compliance */
const baseCases: BaseCase[] = [
  {
    name: 'basic response',
    stream: false,
    request: { input: [says('user', 'Greet me in three words.')] },
    turn: { text: 'Hello my friend' },
    told: ['Greet me in three words.'],
  },
  {
    name: 'streaming response',
    stream: true,
    request: { input: [says('user', 'Count to five.')] },
    turn: { text: '1, 2, 3, 4, 5 and that is all' },
    told: ['Count to five.'],
  },
  {
    name: 'system prompt',
    stream: false,
    request: { input: [says('system', 'Talk as a pirate does.'), says('user', 'Greet me.')] },
    turn: { text: 'Ahoy!' },
    told: ['Talk as a pirate does.', 'Greet me.'],
  },
  {
    name: 'tool calling',
    stream: false,
    request: { input: [says('user', 'The weather in San Francisco?')], tools: [weather] },
    turn: callsWeather,
    told: ['get_weather', 'The weather of a place', 'location'],
  },
  {
    name: 'tool calling, streaming',
    stream: true,
    request: { input: [says('user', 'The weather in San Francisco?')], tools: [weather] },
    turn: callsWeather,
    told: ['get_weather', 'The weather of a place', 'location'],
  },
  {
    name: 'image input',
    stream: false,
    request: {
      input: [
        says('user', [
          { type: 'input_text', text: 'What is in this picture?' },
          { type: 'input_image', image_url: `data:image/png;base64,${pixel}`, detail: 'auto' },
        ]),
      ],
    },
    turn: { text: 'A pixel.' },
    told: ['What is in this picture?', pixel, 'image/png'],
  },
  {
    name: 'multi-turn conversation',
    stream: false,
    request: {
      input: [says('user', 'I am Alice.'), says('assistant', 'Hello Alice!'), says('user', 'Who am I?')],
    },
    turn: { text: 'You are Alice.' },
    told: ['I am Alice.', 'Hello Alice!', 'Who am I?'],
  },
]
const upstreams: SpokenDialect[] = ['chat', 'messages', 'responses']

describe.each(upstreams)('Open Responses over a provider of %s', dialect => {
  test.each(baseCases)('$name [C1.open-responses]', async ({ stream, request, turn, told }) => {
    await using upstream = await speakingUpstream(dialect, turn)
    await using gateway = await gatewayForTest({
      manifests: routeOver({ provider: upstream.provider, model: 'gpt-4.1' }),
      secrets: { UPSTREAM_KEY: 'upstream-key' },
    })
    const { responses } = gateway.client
    const events: unknown[] = []
    if (stream)
      for await (const event of await responses.create({ model: 'chat', ...request, stream: true })) events.push(event)
    const response = stream
      ? readOpenResponsesStream(events)
      : ResponseResource.parse(await responses.create({ model: 'chat', ...request }))
    expect(response).toMatchObject({ status: 'completed', usage: { input_tokens: 20, output_tokens: 7 } })
    const expected = turn.calls
      ? { type: 'function_call', call_id: 'call_1', name: 'get_weather', arguments: turn.calls[0]?.arguments }
      : { type: 'message', content: [{ text: turn.text }] }
    expect(response.output).toMatchObject([expected])
    for (const words of told) expect(upstream.requests[0]?.body).toContain(words)
  })
})
