import type { ModelEvent } from '../../model-event.ts'
import { streamedError } from '../../providers/transport/streamed-error.ts'
import { readCitation } from './citation.ts'
import { readEventStream, type StreamMessage } from './event-stream.ts'
import { finishedEvent } from './finish-reason.ts'
import { readMedia } from './media.ts'
import { redactedState, signatureState } from './reasoning-state.ts'
import { usageEvent } from './usage.ts'
import { WireEvent } from './wire.ts'

type Delta = NonNullable<WireEvent['delta']>
type Start = NonNullable<WireEvent['start']>

/** The events of a ConverseStream answer. */
export async function* readConverseStream(
  provider: string,
  body: AsyncIterable<Buffer>,
): AsyncGenerator<ModelEvent, void> {
  const blocks = createBlockReader()
  let finished: ModelEvent | undefined
  for await (const message of readEventStream(provider, body)) {
    const event = parseEvent(provider, message)
    switch (message.name) {
      case 'contentBlockStart':
        yield* blocks.start(event.contentBlockIndex ?? 0, event.start ?? {})
        break
      case 'contentBlockDelta':
        yield* blocks.delta(event.contentBlockIndex ?? 0, event.delta ?? {})
        break
      case 'contentBlockStop':
        yield* blocks.stop(event.contentBlockIndex ?? 0)
        break
      case 'messageStop':
        finished = finishedEvent(event)
        break
      case 'metadata': {
        const usage = usageEvent(event)
        if (usage) yield usage
      }
    }
  }
  // The usage follows the end of the message, and nothing may follow `finished`.
  if (finished) yield finished
}

function parseEvent(provider: string, { kind, name, detail, payload }: StreamMessage): WireEvent {
  const parsed = WireEvent.safeParse(parseJson(payload))
  if (kind === 'exception' || kind === 'error') {
    const message = detail || parsed.data?.message || 'no reason given'
    throw streamedError(provider, { message: `${name}: ${message}`, code: name })
  }
  if (!parsed.success) throw streamedError(provider, { message: 'an event could not be read' }, parsed.error)
  return parsed.data
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A block that is handed on whole because only Bedrock understands it. */
interface ForeignBlock {
  kind: 'toolUse' | 'toolResult'
  value: Record<string, unknown>
  pieces: unknown[]
}

/** Reads blocks, which Bedrock numbers over the whole message, while tool calls are numbered among themselves. */
function createBlockReader() {
  const callIndex = new Map<number, number>()
  const foreign = new Map<number, ForeignBlock>()
  const imageFormat = new Map<number, string>()
  let open: number | undefined

  return {
    *start(block: number, { toolUse, toolResult, image }: Start): Generator<ModelEvent, void> {
      if (image?.format) imageFormat.set(block, image.format)
      if (toolResult) foreign.set(block, { kind: 'toolResult', value: toolResult, pieces: [] })
      if (!toolUse) return
      if (toolUse.type === 'server_tool_use') {
        foreign.set(block, { kind: 'toolUse', value: toolUse, pieces: [] })
        return
      }
      const index = callIndex.size
      callIndex.set(block, index)
      yield { type: 'tool-call', index, callId: toolUse.toolUseId, tool: toolUse.name }
    },
    *delta(block: number, delta: Delta): Generator<ModelEvent, void> {
      const own = foreign.get(block)
      if (own) {
        own.pieces.push(...(own.kind === 'toolUse' ? [delta.toolUse?.input ?? ''] : (delta.toolResult ?? [])))
        return
      }
      // Not every model's stream has the ends of its blocks.
      if (open !== undefined && open !== block) yield { type: 'break' }
      open = block
      if (delta.text) yield { type: 'text', text: delta.text }
      if (delta.citation) yield { type: 'citations', citations: [readCitation(delta.citation)] }
      const { text, signature, redactedContent } = delta.reasoningContent ?? {}
      if (text) yield { type: 'reasoning', text }
      if (signature) yield { type: 'reasoning-state', state: signatureState(signature) }
      if (redactedContent) yield { type: 'reasoning-state', state: redactedState(redactedContent) }
      const index = callIndex.get(block)
      const input = delta.toolUse?.input
      if (index !== undefined && input)
        yield { type: 'tool-arguments', index, text: typeof input === 'string' ? input : JSON.stringify(input) }
      const part = delta.image && readMedia('image', { format: imageFormat.get(block), ...delta.image })
      if (part) yield { type: 'media', part }
    },
    *stop(block: number): Generator<ModelEvent, void> {
      open = undefined
      const own = foreign.get(block)
      if (own) {
        foreign.delete(block)
        yield { type: 'foreign', part: { type: 'foreign', dialect: 'bedrock-converse', value: wholeBlock(own) } }
      } else if (!callIndex.has(block)) yield { type: 'break' }
    },
  }
}

const wholeBlock = ({ kind, value, pieces }: ForeignBlock): Record<string, unknown> =>
  kind === 'toolResult'
    ? { toolResult: { ...value, content: pieces } }
    : { toolUse: { ...value, input: parseJson(pieces.join('')) ?? {} } }
