import type { ModelEvent } from '../../model-event.ts'
import { streamedError } from '../../providers/transport/streamed-error.ts'
import { readSse } from '../sse/read-sse.ts'
import { readFinishReason } from './finish-reason.ts'
import { createItemReader, type ItemReader } from './item-reader.ts'
import { requireGood, startedEvent } from './read-answer.ts'
import { usageEvent } from './usage.ts'
import { WireEvent, type WireItem, type WireResponse } from './wire.ts'

/** The events of a streamed response. Events that are not known are passed over. */
export async function* readResponsesStream(
  provider: string,
  body: AsyncIterable<Buffer>,
): AsyncGenerator<ModelEvent, void> {
  const reader = createEventReader(provider)
  for await (const { data } of readSse(body)) {
    if (data === '[DONE]') return
    yield* reader.read(parseEvent(provider, data))
    if (reader.finished()) return
  }
}

function parseEvent(provider: string, data: string): WireEvent {
  try {
    return WireEvent.parse(JSON.parse(data))
  } catch (error) {
    throw streamedError(provider, { message: 'an event of the stream could not be read' }, error)
  }
}

function createEventReader(provider: string) {
  const seen = { toolCalls: false, refusal: false }
  const items = new Map<number, ItemReader>()
  const ended = new Set<string>()
  let endings = 0
  let calls = 0
  let started = false
  let finished = false

  const itemAt = (index: number | null | undefined): ItemReader => {
    const place = index ?? Math.max(0, items.size - 1)
    const known = items.get(place)
    if (known) return known
    const reader = createItemReader({ seen, callIndex: () => calls++ })
    items.set(place, reader)
    return reader
  }

  function* begin(response: WireResponse): Generator<ModelEvent, void> {
    if (!started) yield startedEvent(response)
    started = true
  }

  function* finish(response: WireResponse): Generator<ModelEvent, void> {
    requireGood(provider, response)
    yield* begin(response)
    yield* missedItems(response.output ?? [])
    const usage = usageEvent(response)
    if (usage) yield usage
    finished = true
    yield { type: 'finished', reason: readFinishReason(response, seen) }
  }

  /** Some items have no events of their own. Places are no help, because the events may number them otherwise. */
  function* missedItems(output: readonly WireItem[]): Generator<ModelEvent, void> {
    if (output.length <= endings) return
    for (const [index, item] of output.entries()) {
      const known = item.id ? ended.has(item.id) : index < endings
      if (!known) yield* itemAt(index).end(item)
    }
  }

  function* readItem(event: WireEvent): Generator<ModelEvent, void> {
    const item = itemAt(event.output_index)
    const { type, content_index: content, delta, part, annotation } = event
    switch (type) {
      case 'response.output_text.delta':
        return yield* item.text(content ?? 0, delta ?? '')
      case 'response.refusal.delta':
        return yield* item.refusal(content ?? 0, delta ?? '')
      case 'response.output_text.annotation.added':
        if (annotation) yield* item.annotation(content ?? 0, annotation)
        return
      case 'response.content_part.done':
        if (part) yield* item.part(content ?? 0, part)
        return
      case 'response.reasoning_summary_text.delta':
        return yield* item.thought(event.summary_index ?? 0, delta ?? '')
      case 'response.reasoning_text.delta':
      case 'response.reasoning.delta':
        return yield* item.thought(content ?? 0, delta ?? '')
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        return yield* item.input(delta ?? '')
    }
  }

  return {
    finished: () => finished,
    *read(event: WireEvent): Generator<ModelEvent, void> {
      const { type, response, item, output_index: index } = event
      switch (type) {
        case 'error':
          throw streamedError(provider, event['error'] ?? event)
        case 'response.created':
        case 'response.queued':
        case 'response.in_progress':
          return yield* begin(response ?? {})
        case 'response.output_item.added':
          if (item) yield* itemAt(index ?? items.size).begin(item)
          return
        case 'response.output_item.done':
          if (!item) return
          endings++
          if (item.id) ended.add(item.id)
          return yield* itemAt(index).end(item)
        case 'response.completed':
        case 'response.incomplete':
        case 'response.failed':
        case 'response.cancelled':
          return yield* finish(/failed|cancelled/.test(type) ? { ...response, status: 'failed' } : (response ?? {}))
        default:
          yield* readItem(event)
      }
    },
  }
}
