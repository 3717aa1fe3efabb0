import type { Citation } from '../../content.ts'
import type { StreamBody } from '../dialect.ts'
import type { ModelEvent } from '../../model-event.ts'
import { cutOff } from '../../provider-failure.ts'
import { streamedError } from '../../providers/transport/streamed-error.ts'
import { readSse } from '../sse/read-sse.ts'
import { readFinishReason } from './finish-reason.ts'
import { reasoningEvents } from './reasoning.ts'
import { usageEvent } from './usage.ts'
import { WireAnswer, type WireAnnotation, type WireMessage, type WireToolCall } from './wire.ts'

/** The events of a streamed chat completion. Choices after the first are not read. */
export async function* readChatStream(provider: string, body: StreamBody): AsyncGenerator<ModelEvent, void> {
  const reader = createMessageReader()
  let started = false
  let answered = false
  let finished: string | undefined
  for await (const { data } of readSse(body)) {
    if (data === '[DONE]') {
      // Some servers leave out the reason.
      if (answered) finished ??= 'stop'
      break
    }
    const chunk = parseChunk(provider, data)
    if (chunk.error !== undefined && chunk.error !== null) throw streamedError(provider, chunk.error)
    if (!started) yield startedEvent(chunk)
    started = true
    const usage = usageEvent(chunk)
    if (usage) yield usage
    const choice = chunk.choices?.find(({ index }) => (index ?? 0) === 0)
    if (choice?.delta) yield* reader.read(choice.delta)
    answered ||= choice !== undefined
    yield* sourceEvents(choice?.finish_reason ? chunk : undefined)
    finished = choice?.finish_reason ?? finished
    if (finished !== undefined) body.endSoon?.()
  }
  // The chunk with the usage follows the one with the finish reason, and nothing may follow `finished`.
  if (finished !== undefined) yield reader.finish(finished)
}

/** The events of a whole chat completion. */
export function readChatAnswer(provider: string, body: unknown): ModelEvent[] {
  const parsed = WireAnswer.safeParse(body)
  if (!parsed.success) throw streamedError(provider, { message: 'the answer could not be read' }, parsed.error)
  const answer = parsed.data
  if (answer.error !== undefined && answer.error !== null) throw streamedError(provider, answer.error)
  const choice = answer.choices?.find(({ index }) => (index ?? 0) === 0)
  if (!choice) throw cutOff(provider)
  const reader = createMessageReader()
  const usage = usageEvent(answer)
  return [
    startedEvent(answer),
    ...reader.read(choice.message ?? {}),
    ...sourceEvents(answer),
    ...(usage ? [usage] : []),
    reader.finish(choice.finish_reason ?? 'stop'),
  ]
}

const startedEvent = ({ id, model }: WireAnswer): ModelEvent => ({
  type: 'started',
  ...(id && { id }),
  ...(model && { model }),
})

function parseChunk(provider: string, data: string): WireAnswer {
  try {
    return WireAnswer.parse(JSON.parse(data))
  } catch (error) {
    throw streamedError(provider, { message: 'an event of the stream could not be read' }, error)
  }
}

/** Reads messages, or the pieces of one, in their order. */
function createMessageReader() {
  const calls = new ToolCallNumbers()
  let refused = false
  return {
    *read(message: WireMessage): Generator<ModelEvent, void> {
      yield* reasoningEvents(message)
      yield* contentEvents(message.content)
      if (message.refusal) {
        refused = true
        yield { type: 'refusal', text: message.refusal }
      }
      const citations = (message.annotations ?? []).map(citationOf)
      if (citations.length > 0) yield { type: 'citations', citations }
      for (const call of message.tool_calls ?? []) yield* calls.read(call)
      const { function_call: call } = message
      if (call?.name || call?.arguments)
        yield* calls.read({ index: 0, id: undefined, function: call, custom: undefined, extra_content: undefined })
      const { audio } = message
      if (audio && (audio['id'] || audio['data'] || audio['transcript'])) {
        const value = { audio }
        yield { type: 'foreign', part: { type: 'foreign', dialect: 'openai-chat', value } }
      }
    },
    finish(wire: string): ModelEvent {
      const reason = readFinishReason(wire)
      if (reason !== 'stop') return { type: 'finished', reason }
      // Some servers end a turn with tool calls as if it were an ordinary one.
      if (calls.seen) return { type: 'finished', reason: 'tool-calls' }
      return { type: 'finished', reason: refused ? 'refusal' : 'stop' }
    },
  }
}

function* contentEvents(content: WireMessage['content']): Generator<ModelEvent, void> {
  if (typeof content === 'string') {
    if (content) yield { type: 'text', text: content }
    return
  }
  for (const part of content ?? []) if (part.type === 'text' && part.text) yield { type: 'text', text: part.text }
}

const citationOf = (value: WireAnnotation): Citation => ({
  dialect: 'openai-chat',
  ...(value.url_citation?.url && { url: value.url_citation.url }),
  ...(value.url_citation?.title && { title: value.url_citation.title }),
  value,
})

/** Perplexity lists the sources of the whole answer beside it. */
function* sourceEvents(answer: WireAnswer | undefined): Generator<ModelEvent, void> {
  const urls = answer?.citations ?? []
  if (urls.length === 0) return
  const citations = urls.map((url): Citation => {
    const value = { type: 'url_citation', url_citation: { url, title: '', start_index: 0, end_index: 0 } }
    return { dialect: 'openai-chat', url, value }
  })
  yield { type: 'citations', citations }
}

/** Some servers leave the index out and send each tool call whole; a new id then is a new call. */
class ToolCallNumbers {
  readonly #known = new Map<number, string>()

  get seen(): boolean {
    return this.#known.size > 0
  }

  *read(delta: WireToolCall): Generator<ModelEvent, void> {
    const index = delta.index ?? this.#indexFor(delta.id)
    if (!this.#known.has(index)) {
      const callId = delta.id || `call_${index}`
      const signature = delta.extra_content?.google?.thought_signature
      this.#known.set(index, callId)
      yield {
        type: 'tool-call',
        index,
        callId,
        tool: delta.function?.name ?? delta.custom?.name ?? '',
        ...(signature && { state: { dialect: 'gemini', value: signature } }),
      }
    }
    const input = delta.function?.arguments ?? delta.custom?.input
    // Ollama's and some others' compatible servers send an object where a text is due.
    const text = typeof input === 'object' && input !== null ? JSON.stringify(input) : input
    if (text) yield { type: 'tool-arguments', index, text }
  }

  #indexFor(id: string | null | undefined): number {
    if (!id) return Math.max(0, this.#known.size - 1)
    for (const [index, known] of this.#known) if (known === id) return index
    return this.#known.size
  }
}
