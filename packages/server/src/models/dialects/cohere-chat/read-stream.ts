import type { ModelEvent } from '../../model-event.ts'
import { streamedError } from '../../providers/transport/streamed-error.ts'
import { readSse } from '../sse/read-sse.ts'
import { readCitation } from './citation.ts'
import { finishedEvent } from './finish-reason.ts'
import { planState, thinkingState } from './reasoning-state.ts'
import { usageEvent } from './usage.ts'
import { WireEvent, type WireContent, type WireToolCall } from './wire.ts'

/** The events of a streamed answer. */
export async function* readCohereStream(
  provider: string,
  body: AsyncIterable<Buffer>,
): AsyncGenerator<ModelEvent, void> {
  const reader = createMessageReader()
  for await (const { data } of readSse(body)) {
    if (data === '[DONE]') break
    const event = parseEvent(provider, data)
    if (event.type === 'message-end') {
      const { usage, finish_reason: reason, error } = event.delta ?? {}
      if (usage) yield usageEvent(usage)
      yield finishedEvent(provider, reason ?? 'COMPLETE', error)
      return
    }
    // Errors have no type and are told like those of a whole answer.
    if (!event.type && event.message) throw streamedError(provider, event)
    yield* reader.read(event)
  }
}

function parseEvent(provider: string, data: string): WireEvent {
  try {
    return WireEvent.parse(JSON.parse(data))
  } catch (error) {
    throw streamedError(provider, { message: 'an event of the stream could not be read' }, error)
  }
}

function createMessageReader() {
  let planned = false
  let thought = false
  let parts = 0

  function* piece({ text, thinking }: WireContent): Generator<ModelEvent, void> {
    thought ||= Boolean(thinking)
    if (thinking) yield { type: 'reasoning', text: thinking }
    if (text) yield { type: 'text', text }
  }

  function* endPlan(): Generator<ModelEvent, void> {
    if (planned) yield* [{ type: 'reasoning-state', state: planState } as const, { type: 'break' } as const]
    planned = false
  }

  return {
    *read({ type, id, index, delta }: WireEvent): Generator<ModelEvent, void> {
      const message = delta?.message
      switch (type ?? '') {
        case 'message-start':
          yield { type: 'started', ...(id && { id }) }
          break
        case 'tool-plan-delta':
          planned = true
          if (message?.tool_plan) yield { type: 'reasoning', text: message.tool_plan }
          break
        case 'content-start':
          yield* endPlan()
          // Here and not at the end of a content, because citations follow what they are about.
          if (parts++ > 0) yield { type: 'break' }
          yield* piece(message?.content ?? {})
          break
        case 'content-delta':
          yield* piece(message?.content ?? {})
          break
        case 'content-end':
          if (thought) yield { type: 'reasoning-state', state: thinkingState }
          thought = false
          break
        case 'tool-call-start':
          yield* endPlan()
          if (message?.tool_calls) yield* callEvents(message.tool_calls, index ?? 0)
          break
        case 'tool-call-delta': {
          const input = message?.tool_calls?.function?.arguments
          if (input && input !== 'null') yield { type: 'tool-arguments', index: index ?? 0, text: input }
          break
        }
        case 'citation-start':
          if (message?.citations) yield { type: 'citations', citations: [readCitation(message.citations)] }
      }
    },
  }
}

/** A tool call, whole or its beginning. A call without arguments is written as `null`. */
export function* callEvents({ id, function: called }: WireToolCall, index: number): Generator<ModelEvent, void> {
  yield { type: 'tool-call', index, callId: id || `call_${index}`, tool: called?.name ?? '' }
  const input = called?.arguments
  if (input && input !== 'null') yield { type: 'tool-arguments', index, text: input }
}
