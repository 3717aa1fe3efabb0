import { readSse } from '../../dialects/sse/read-sse.ts'
import type { ModelEvent } from '../../model-event.ts'
import type { FinishReason } from '../../model-response.ts'
import { streamedError } from '../transport/streamed-error.ts'
import { mergeUsage, readUsage } from './usage.ts'
import { readEventTypes, WireEvent, type WireUsage } from './wire.ts'

const finishReasons: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  tool_use: 'tool-calls',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'content-filter',
}

/** The events of a streamed message. Thinking and the provider's own tools are not passed on. */
export async function* messageEvents(provider: string, body: AsyncIterable<Buffer>): AsyncGenerator<ModelEvent, void> {
  // Blocks of every kind share one numbering; tool calls have their own.
  const toolCalls = new Map<number, number>()
  let usage: WireUsage = {}
  let reason: FinishReason | undefined
  for await (const { event: type, data } of readSse(body)) {
    if (type !== undefined && !readEventTypes.has(type)) continue
    const event = parseEvent(provider, data)
    switch (event?.type) {
      case 'message_start':
        usage = mergeUsage(usage, event.message.usage ?? {})
        yield { type: 'usage', usage: readUsage(usage) }
        break
      case 'content_block_start':
        yield* blockStart(event, toolCalls)
        break
      case 'content_block_delta':
        yield* blockDelta(event, toolCalls)
        break
      case 'message_delta':
        usage = mergeUsage(usage, event.usage ?? {})
        yield { type: 'usage', usage: readUsage(usage) }
        if (event.delta.stop_reason) reason = finishReasons[event.delta.stop_reason] ?? 'stop'
        break
      case 'error':
        throw streamedError(provider, event.error)
      case 'message_stop':
        yield { type: 'finished', reason: reason ?? 'stop' }
        return
      case undefined:
        break
    }
  }
}

function parseEvent(provider: string, data: string): WireEvent | undefined {
  try {
    return WireEvent.safeParse(JSON.parse(data)).data
  } catch (error) {
    throw streamedError(provider, { message: 'an event of the stream could not be read' }, error)
  }
}

type EventOf<Type extends WireEvent['type']> = Extract<WireEvent, { type: Type }>

function* blockStart(
  { index, content_block: block }: EventOf<'content_block_start'>,
  toolCalls: Map<number, number>,
): Generator<ModelEvent, void> {
  if (block.type === 'text' && block.text) yield { type: 'text', text: block.text }
  if (block.type !== 'tool_use') return
  const number = toolCalls.size
  toolCalls.set(index, number)
  yield { type: 'tool-call', index: number, callId: block.id ?? `call_${number}`, tool: block.name ?? '' }
}

function* blockDelta(
  { index, delta }: EventOf<'content_block_delta'>,
  toolCalls: Map<number, number>,
): Generator<ModelEvent, void> {
  if (delta.type === 'text_delta' && delta.text) yield { type: 'text', text: delta.text }
  const number = toolCalls.get(index)
  if (delta.type === 'input_json_delta' && delta.partial_json && number !== undefined)
    yield { type: 'tool-arguments', index: number, text: delta.partial_json }
}
