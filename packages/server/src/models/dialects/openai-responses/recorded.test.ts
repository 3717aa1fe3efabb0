import { describe, expect, test } from 'vitest'
import { collectAnswer, type CollectedAnswer } from '../../answer-collector.ts'
import { textOf, toolCallsOf } from '../../content.ts'
import type { ModelEvent } from '../../model-event.ts'
import { recordings, type Recording } from '../../testing/recordings.ts'
import type { ClientDialect, UpstreamDialect } from '../dialect.ts'
import { openAiChat } from '../openai-chat/index.ts'
import { createSseFrames } from '../sse/sse-frames.ts'
import { openAiResponses } from './index.ts'

const providers = ['openai', 'azure-openai', 'deepseek', 'xai', 'bedrock-mantle', 'open-responses', 'openrouter']
const counts = {
  openai: 170,
  'azure-openai': 17,
  deepseek: 9,
  xai: 7,
  'bedrock-mantle': 7,
  'open-responses': 3,
  openrouter: 2,
}

const all = providers.flatMap(provider =>
  recordings(provider, 'responses').map(recording => ({ ...recording, name: `${provider}/${recording.name}` })),
)
/** Recordings whose answer is no answer of this dialect, each with why. */
const exceptions = new Map([
  ['azure-openai/vai-azure-deepseek-reasoning-1.json', 'a chat completion, filed under the wrong endpoint'],
  ['openai/vai-openai-shell-container-1-stream.json', 'shortened by hand: its pieces are not its whole text'],
])
const answers = all.filter(({ name, response }) => response.status === 200 && !exceptions.has(name))
const refusals = all.filter(({ response }) => response.status !== 200)
const requests = all.filter(({ request }) => typeof request?.body === 'object' && request.body !== null)

interface WireItem {
  type: string
  id?: string
  content?: { type: string; text?: string; refusal?: string; annotations?: unknown[] }[] | null
  summary?: { text: string }[]
  encrypted_content?: string | null
  call_id?: string
  name?: string
  arguments?: string
  input?: string
  result?: string | null
}
interface WireResponse {
  status?: string
  incomplete_details?: { reason: string } | null
  output: WireItem[]
  usage?: { input_tokens: number; output_tokens: number; input_tokens_details?: { cached_tokens?: number } } | null
}

const linesOf = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .filter(line => line.startsWith('data:') && !line.includes('[DONE]'))
    .map(line => line.slice(5))

/** What the provider's own words say, read without the code under test. */
function responseIn(body: unknown): WireResponse {
  if (typeof body !== 'string') return body as WireResponse
  const events = linesOf(body).map((line): { type: string; item: WireItem; response: WireResponse } => JSON.parse(line))
  const items = events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item)
  const allCame = items.length >= (events.at(-1)?.response?.output.length ?? 0)
  const last = events.findLast(({ type }) => type === 'response.completed' || type === 'response.incomplete')
  if (!last) throw new Error('the stream has no end')
  // The last event may tell of items whose own events never came, and shortens what was long.
  const missed = allCame ? [] : last.response.output.filter(({ id }) => items.every(item => item.id !== id))
  return { ...last.response, output: [...items, ...missed] }
}

/** Some recordings hold several streams, one behind the other; the first is taken. */
const firstStream = (text: string): string => {
  const end = /"type": ?"response\.(completed|incomplete)"/.exec(text)?.index ?? text.length
  const next = text.indexOf('\n\n', end)
  return next < 0 ? text : text.slice(0, next + 2)
}
const streamOf = ({ response }: Recording): string | undefined => response.sse_text && firstStream(response.sse_text)
const bodyOf = (recording: Recording): unknown => streamOf(recording) ?? recording.response.body
const parse = (text: string | undefined): unknown => {
  try {
    return text ? JSON.parse(text) : {}
  } catch {
    return text
  }
}

/** What a client reads of a response. */
const readOf = ({ output, status, incomplete_details: details, usage }: WireResponse) => ({
  text: output
    .flatMap(item => (item.type === 'message' ? (item.content ?? []) : []))
    .map(({ text }) => text ?? '')
    .join(''),
  refusal: output.flatMap(item => (item.content ?? []).map(({ refusal }) => refusal ?? '')).join(''),
  calls: output
    .filter(({ type }) => type === 'function_call' || type === 'custom_tool_call')
    .map(({ type, call_id, name, arguments: input, input: text }) => ({
      callId: call_id,
      tool: name,
      arguments: type === 'custom_tool_call' ? { input: text } : parse(input),
    })),
  thoughts: output
    .filter(({ type }) => type === 'reasoning')
    .map(({ content, summary }) =>
      [content, summary]
        .find(parts => parts?.length)
        ?.map(({ text }) => text)
        .join('\n\n'),
    )
    .filter(Boolean),
  states: output.flatMap(({ type, encrypted_content: state }) => (type === 'reasoning' && state ? [state] : [])),
  citations: output.flatMap(({ content }) => (content ?? []).flatMap(({ annotations }) => annotations ?? [])),
  others: output
    .filter(
      ({ type }) =>
        !['message', 'reasoning', 'function_call', 'custom_tool_call', 'image_generation_call'].includes(type),
    )
    .map(item => item),
  images: output.flatMap(({ type, result }) => (type === 'image_generation_call' && result ? [result] : [])),
  status: status ?? 'completed',
  reason: details?.reason,
  usage: usage && [usage.input_tokens, usage.output_tokens, usage.input_tokens_details?.cached_tokens ?? 0],
})

/** The same of the canonical answer. */
const readOfCanonical = ({ content, finishReason, usage }: CollectedAnswer) => ({
  text: textOf(content),
  refusal: content.map(part => (part.type === 'refusal' ? part.text : '')).join(''),
  calls: toolCallsOf(content).map(({ callId, tool, arguments: input }) => ({ callId, tool, arguments: input })),
  thoughts: content.flatMap(part => (part.type === 'reasoning' && part.text ? [part.text] : [])),
  states: content.flatMap(part => (part.type === 'reasoning' && part.state ? [part.state.value] : [])),
  citations: content.flatMap(part => (part.type === 'text' ? (part.citations ?? []).map(({ value }) => value) : [])),
  others: content.flatMap(part => (part.type === 'foreign' ? [part.value] : [])),
  images: content.flatMap(part => (part.type === 'media' && part.source.type === 'base64' ? [part.source.data] : [])),
  status: finishReason === 'length' || finishReason === 'content-filter' ? 'incomplete' : 'completed',
  reason: { length: 'max_output_tokens', 'content-filter': 'content_filter' }[String(finishReason)],
  usage: [usage.inputTokens, usage.outputTokens, usage.cachedInputTokens],
})

async function* inPieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
async function readStream(dialect: UpstreamDialect, text: string, size = 997): Promise<ModelEvent[]> {
  const events: ModelEvent[] = []
  for await (const event of dialect.readStream('recorded', inPieces(text, size))) events.push(event)
  return events
}
const eventsOf = (recording: Recording): Promise<ModelEvent[]> =>
  recording.response.sse_text === undefined
    ? Promise.resolve(openAiResponses.readAnswer('recorded', recording.response.body))
    : readStream(openAiResponses, streamOf(recording) ?? '')

const head = (request: Record<string, unknown> = {}) => ({
  requestId: '0192d3a0-0000-7000-8000-0123456789ab',
  created: 1_700_000_000,
  model: 'model',
  request,
})
/** A client whose tools are those that were called, so that custom tools are known as such. */
const requestFor = ({ output }: WireResponse) => ({
  stream_options: { include_usage: true },
  tools: output.map(({ type, name }) => ({ type: type === 'custom_tool_call' ? 'custom' : 'function', name })),
})

function written(dialect: ClientDialect, events: readonly ModelEvent[], request: Record<string, unknown>): string {
  const writer = dialect.writeStream(head(request))
  const pieces = [writer.begin(), ...events.map(event => writer.write(event))]
  return [...pieces, writer.end(collectAnswer(events))].join('')
}

describe.skipIf(all.length === 0)('recorded responses (skipped where no recordings lie beside the repository)', () => {
  test('no recording is left out without a reason', () => {
    const found = Object.fromEntries(
      providers.map(provider => [provider, all.filter(({ name }) => name.startsWith(`${provider}/`)).length]),
    )
    expect(found).toEqual(counts)
    expect(answers.length + refusals.length + exceptions.size).toBe(all.length)
    expect(refusals.length).toBe(7)
    expect(requests.length).toBe(148)
  })

  test.each(answers)('$name says in the middle what the provider said [C1.responses]', async recording => {
    const response = responseIn(bodyOf(recording))
    const events = await eventsOf(recording)
    const answer = collectAnswer(events)
    const { usage, status, ...said } = readOf(response)
    const unfinished = status === 'queued'
    expect(readOfCanonical(answer)).toMatchObject(said)
    expect(answer.finishReason === undefined).toBe(unfinished)
    if (!unfinished) expect(readOfCanonical(answer)).toMatchObject({ usage, status })
  })

  test.each(answers)('$name reads the same when it is written again', async recording => {
    const response = responseIn(bodyOf(recording))
    const events = await eventsOf(recording)
    const answer = collectAnswer(events)
    const request = requestFor(response)
    const { status, usage, ...expected } = readOf(response)
    const whole = openAiResponses.writeAnswer(head(request), answer) as unknown as WireResponse
    const streamed = responseIn(written(openAiResponses, events, request))
    if (status === 'queued') return
    expect(readOf(whole)).toMatchObject({ ...expected, usage, status })
    expect(readOf(streamed)).toMatchObject({ ...expected, usage, status })
  })

  test.each(answers)('$name reaches a client of chat completions', async recording => {
    const events = await eventsOf(recording)
    const answer = collectAnswer(events)
    const request = requestFor(responseIn(bodyOf(recording)))
    if (answer.finishReason === undefined) return
    const { text, refusal, calls, usage, status, reason } = readOfCanonical(answer)
    const expected = { text, refusal, calls, usage, status, reason }
    const whole = openAiChat.readAnswer('again', openAiChat.writeAnswer(head(request), answer))
    const streamed = await readStream(openAiChat, written(openAiChat, events, request))
    expect(readOfCanonical(collectAnswer(whole))).toMatchObject(expected)
    expect(readOfCanonical(collectAnswer(streamed))).toMatchObject(expected)
  })

  test.each(answers)('$name is understood as it goes by', recording => {
    const { response } = recording
    const { usage, status } = readOf(responseIn(bodyOf(recording)))
    if (response.sse_text === undefined) {
      const use = openAiResponses.relay.useOf(Buffer.from(JSON.stringify(response.body)))
      if (status !== 'queued') expect(use.usage?.outputTokens).toBe(usage?.[1])
      expect(use.finishReason).toBeDefined()
      return
    }
    const watch = openAiResponses.relay.watch({ hideUsage: false })
    const frames = createSseFrames()
    const bytes = Buffer.from(streamOf(recording) ?? '')
    const passed: Buffer[] = []
    for (let at = 0; at < bytes.length; at += 1009) {
      const block = frames.push(bytes.subarray(at, at + 1009))
      if (block) passed.push(watch.pass(block))
    }
    const rest = Buffer.concat([frames.rest(), Buffer.from('\n\n')])
    watch.pass(rest)
    expect(Buffer.concat([...passed, frames.rest()])).toEqual(bytes)
    expect(watch.seen).toMatchObject({ content: true, done: true, error: undefined })
    expect(watch.seen.usage?.outputTokens).toBe(usage?.[1])
  })

  test.each(requests)('the request of $name keeps its meaning', ({ request }) => {
    const body = request?.body as Record<string, unknown>
    // What this gateway does itself or refuses.
    const { previous_response_id: _previous, conversation: _conversation, background: _background, ...own } = body
    const read = openAiResponses.readRequest(Buffer.from(JSON.stringify(own)), {})
    const { body: again } = openAiResponses.writeRequest(read, {
      model: String(own['model']),
      stream: false,
      quirks: { reasoningField: 'reasoning_content' },
    })
    const { extra, ...rest } = openAiResponses.readRequest(Buffer.from(JSON.stringify(again)), {})
    const { extra: _extra, ...expected } = read
    // A tool that does not say is written as one that is not strict.
    const tools = expected.tools.map(tool => (tool.freeText ? tool : { ...tool, strict: tool.strict ?? false }))
    expect(rest).toEqual({ ...expected, tools })
    expect(extra?.fields).toMatchObject(read.extra?.fields ?? {})
    expect(openAiResponses.readHead(Buffer.from(JSON.stringify(own)), {}).model).toBe(own['model'])
  })
})
