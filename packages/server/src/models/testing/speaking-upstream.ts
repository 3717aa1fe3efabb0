import type { ServerResponse } from 'node:http'
import type { ManifestInput } from '@causeway/contracts'
import {
  answerJson,
  chunk,
  fakeUpstream,
  openStream,
  usageChunk,
  writeEvents,
  type FakeUpstream,
} from './fake-upstream.ts'
import { responsesTurn } from './responses-turn.ts'

/** What a model says: its text first, then its tool calls. Input is 20 tokens, output 7. */
export interface SpokenTurn {
  text?: string
  calls?: readonly { id: string; name: string; arguments: string }[]
}

/** Ends the answer as a provider would, stays silent after it has begun, or refuses with a status. */
type Spoken = SpokenTurn | (SpokenTurn & { unfinished: true }) | { status: number; headers?: Record<string, string> }

export type SpokenDialect = 'chat' | 'messages' | 'responses'

export interface SpeakingUpstream extends FakeUpstream {
  provider: ManifestInput & { kind: 'Provider' }
}

/** A provider of the given dialect that says the turns in their order, and the last of them again and again. */
export async function speakingUpstream(dialect: SpokenDialect, ...turns: Spoken[]): Promise<SpeakingUpstream> {
  const upstream = await fakeUpstream((response, { url, body }, number) => {
    const turn = turns[Math.min(number, turns.length - 1)] ?? {}
    if ('status' in turn) return answerJson(response, refusal, turn.status, turn.headers)
    const request: { stream?: boolean } = JSON.parse(body)
    return speakers[endpoints[url] ?? dialect](response, turn, request.stream === true)
  })
  return Object.assign(upstream, { provider: providers[dialect](upstream.url) })
}

const endpoints: Readonly<Record<string, SpokenDialect>> = {
  '/v1/chat/completions': 'chat',
  '/v1/messages': 'messages',
  '/v1/responses': 'responses',
}
const refusal = { type: 'error', error: { type: 'api_error', message: 'The provider refuses.' } }

const providers: Record<SpokenDialect, (url: string) => ManifestInput & { kind: 'Provider' }> = {
  chat: url => ({ kind: 'Provider', name: 'upstream', spec: { type: 'openai-compatible', baseUrl: `${url}/v1` } }),
  messages: url => ({
    kind: 'Provider',
    name: 'upstream',
    spec: { type: 'anthropic', baseUrl: url, apiKey: { secret: 'UPSTREAM_KEY' } },
  }),
  responses: url => ({
    kind: 'Provider',
    name: 'upstream',
    spec: { type: 'openai-compatible', baseUrl: `${url}/v1`, preset: 'openai' },
  }),
}

const piecesOf = (text: string): string[] => text.match(/.{1,8}/gsu) ?? []

const speakers: Record<SpokenDialect, (response: ServerResponse, turn: Spoken & SpokenTurn, stream: boolean) => void> =
  {
    chat(response, turn, stream) {
      if (!stream) return answerJson(response, wholeCompletion(turn))
      openStream(response)
      writeEvents(response, chunk({ role: 'assistant', content: '' }))
      for (const piece of piecesOf(turn.text ?? '')) writeEvents(response, chunk({ content: piece }))
      if ('unfinished' in turn) return
      for (const [index, call] of (turn.calls ?? []).entries()) {
        const begun = { index, id: call.id, type: 'function', function: { name: call.name, arguments: '' } }
        writeEvents(response, chunk({ tool_calls: [begun] }))
        for (const piece of piecesOf(call.arguments))
          writeEvents(response, chunk({ tool_calls: [{ index, function: { arguments: piece } }] }))
      }
      writeEvents(response, chunk({}, turn.calls ? 'tool_calls' : 'stop'), usageChunk(20, 7), '[DONE]')
      response.end()
    },
    messages(response, turn, stream) {
      if (!stream) return answerJson(response, wholeMessage(turn))
      openStream(response)
      const started = { ...wholeMessage({}), stop_reason: null, usage: { input_tokens: 20, output_tokens: 1 } }
      writeEvents(response, { type: 'message_start', message: started })
      for (const [index, block] of contentOf(turn).entries()) {
        const { start, deltas } = piecesOfBlock(block)
        writeEvents(response, { type: 'content_block_start', index, content_block: start })
        for (const delta of deltas) writeEvents(response, { type: 'content_block_delta', index, delta })
        if ('unfinished' in turn) return
        writeEvents(response, { type: 'content_block_stop', index })
      }
      const { stop_reason } = wholeMessage(turn)
      writeEvents(response, { type: 'message_delta', delta: { stop_reason }, usage: { output_tokens: 7 } })
      writeEvents(response, { type: 'message_stop' })
      response.end()
    },
    responses(response, turn, stream) {
      const { whole, events } = responsesTurn(turn)
      if (!stream) return answerJson(response, whole)
      openStream(response)
      const sent = 'unfinished' in turn ? events.filter(({ type }) => !/done$|completed$/.test(type)) : events
      for (const event of sent) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
      if (!('unfinished' in turn)) response.end()
    },
  }

const wholeCompletion = ({ text, calls }: SpokenTurn): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'upstream-model',
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content: text ?? null,
        refusal: null,
        ...(calls && {
          tool_calls: calls.map(({ id, ...called }) => ({ id, type: 'function', function: called })),
        }),
      },
      logprobs: null,
      finish_reason: calls ? 'tool_calls' : 'stop',
    },
  ],
  usage: { prompt_tokens: 20, completion_tokens: 7, total_tokens: 27 },
})

type Block = { type: 'text'; text: string } | { type: 'tool_use'; id: string; name: string; input: unknown }

const contentOf = ({ text, calls = [] }: SpokenTurn): Block[] => [
  ...(text === undefined ? [] : [{ type: 'text' as const, text }]),
  ...calls.map(({ id, name, arguments: given }) => ({
    type: 'tool_use' as const,
    id,
    name,
    input: JSON.parse(given) as unknown,
  })),
]

const piecesOfBlock = (block: Block): { start: object; deltas: object[] } =>
  block.type === 'text'
    ? {
        start: { type: 'text', text: '' },
        deltas: piecesOf(block.text).map(text => ({ type: 'text_delta', text })),
      }
    : {
        start: { ...block, input: {} },
        deltas: piecesOf(JSON.stringify(block.input)).map(piece => ({ type: 'input_json_delta', partial_json: piece })),
      }

const wholeMessage = (turn: SpokenTurn) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'upstream-model',
  content: contentOf(turn),
  stop_reason: turn.calls ? 'tool_use' : 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 20, output_tokens: 7 },
})
