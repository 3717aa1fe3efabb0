import * as z from 'zod'
import type { ModelEvent } from '../../model-event.ts'
import { streamedError } from '../../providers/transport/streamed-error.ts'
import { readSse } from '../sse/read-sse.ts'
import { Block, readCitation, readOutputBlock } from './blocks.ts'
import { createBlockReader } from './block-reader.ts'
import { readStopReason } from './stop-reason.ts'
import { mergeUsage, readBilling, readUsage, WireUsage } from './usage.ts'

// The parts of the Messages API that are read. Source: https://docs.claude.com/en/api/messages-streaming

const text = z.string().nullish().catch(undefined)

/** The events of a streamed message that are read; the others are skipped by their type. */
const WireEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('message_start'),
    message: z.object({ id: text, model: text, usage: WireUsage.nullish().catch(undefined) }),
  }),
  z.object({ type: z.literal('content_block_start'), index: z.number().int(), content_block: Block }),
  z.object({
    type: z.literal('content_block_delta'),
    index: z.number().int(),
    delta: z.looseObject({ type: z.string() }),
  }),
  z.object({ type: z.literal('content_block_stop'), index: z.number().int() }),
  z.object({
    type: z.literal('message_delta'),
    delta: z.object({ stop_reason: text, stop_sequence: text }).catch({}),
    usage: WireUsage.nullish().catch(undefined),
  }),
  z.object({ type: z.literal('message_stop') }),
  z.object({ type: z.literal('error'), error: z.unknown().optional() }),
])
type WireEvent = z.infer<typeof WireEvent>

/** The events of a streamed message. */
export async function* readMessagesStream(
  provider: string,
  body: AsyncIterable<Buffer>,
): AsyncGenerator<ModelEvent, void> {
  const blocks = createBlockReader()
  let usage: WireUsage = {}
  let reason: string | undefined
  let stopSequence: string | undefined
  for await (const { data } of readSse(body)) {
    const event = parseEvent(provider, data)
    switch (event?.type) {
      case 'message_start':
        usage = mergeUsage(usage, event.message.usage ?? {})
        yield startedEvent(event.message)
        yield usageEvent(usage)
        break
      case 'content_block_start':
        yield* blocks.start(event.index, event.content_block)
        break
      case 'content_block_delta':
        yield* blocks.delta(event.index, event.delta)
        break
      case 'content_block_stop':
        yield* blocks.stop(event.index)
        break
      case 'message_delta':
        usage = mergeUsage(usage, event.usage ?? {})
        yield usageEvent(usage)
        reason = event.delta.stop_reason ?? reason
        stopSequence = event.delta.stop_sequence ?? stopSequence
        break
      case 'error':
        throw streamedError(provider, event.error)
      case 'message_stop':
        yield finishedEvent(reason, stopSequence)
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

const startedEvent = ({
  id,
  model,
}: {
  id?: string | null | undefined
  model?: string | null | undefined
}): ModelEvent => ({
  type: 'started',
  ...(id && { id }),
  ...(model && { model }),
})

const usageEvent = (usage: WireUsage): ModelEvent => ({
  type: 'usage',
  usage: readUsage(usage),
  ...readBilling(usage),
})

const finishedEvent = (reason: string | null | undefined, stopSequence: string | null | undefined): ModelEvent => ({
  type: 'finished',
  reason: readStopReason(reason ?? 'end_turn'),
  ...(stopSequence && { stopSequence }),
})

const WireMessage = z.object({
  id: text,
  model: text,
  content: z.array(Block),
  stop_reason: text,
  stop_sequence: text,
  usage: WireUsage.nullish().catch(undefined),
})

/** The events of a whole message. */
export function readMessagesAnswer(provider: string, body: unknown): ModelEvent[] {
  const parsed = WireMessage.safeParse(body)
  if (!parsed.success) {
    const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined
    throw streamedError(provider, error ?? { message: 'the answer could not be read' }, parsed.error)
  }
  const { content, usage, stop_reason: reason, stop_sequence: stopSequence } = parsed.data
  let calls = 0
  return [
    startedEvent(parsed.data),
    ...content.flatMap(block => [...wholeBlock(block, () => calls++), { type: 'break' } as const]),
    ...(usage ? [usageEvent(usage)] : []),
    finishedEvent(reason, stopSequence),
  ]
}

function wholeBlock(block: Block, nextCall: () => number): ModelEvent[] {
  const part = readOutputBlock(block)
  switch (part.type) {
    case 'text': {
      const citations = (block.citations ?? []).map(readCitation)
      return [
        { type: 'text', text: part.text },
        ...(citations.length > 0 ? [{ type: 'citations', citations } as const] : []),
      ]
    }
    case 'reasoning':
      return [
        ...(part.text ? [{ type: 'reasoning', text: part.text } as const] : []),
        ...(part.state ? [{ type: 'reasoning-state', state: part.state } as const] : []),
      ]
    case 'tool-call': {
      const index = nextCall()
      return [
        { type: 'tool-call', index, callId: part.callId, tool: part.tool },
        { type: 'tool-arguments', index, text: JSON.stringify(part.arguments) },
      ]
    }
    case 'foreign':
      return [{ type: 'foreign', part }]
    case 'media':
    case 'refusal':
      return []
  }
}
