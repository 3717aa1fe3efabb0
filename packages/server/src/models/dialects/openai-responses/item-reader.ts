import type { MediaPart } from '../../content.ts'
import type { ModelEvent } from '../../model-event.ts'
import { readOpaqueState } from '../opaque-state.ts'
import { readAnnotation } from './citations.ts'
import type { SeenInAnswer } from './finish-reason.ts'
import { freeTextBegin, freeTextEnd, freeTextPiece } from './free-text.ts'
import { itemState } from './item-state.ts'
import { thoughtsOf } from './read-items.ts'
import type { WireAnnotation, WireItem, WirePart } from './wire.ts'

/**
 * Reads one item of an answer in the pieces in which it arrives. What no piece brought is read when the item is whole,
 * so that an item that was not streamed, or only in part, is not lost.
 */
export interface ItemReader {
  begin(item: WireItem): Generator<ModelEvent, void>
  text(contentIndex: number, text: string): Generator<ModelEvent, void>
  refusal(contentIndex: number, text: string): Generator<ModelEvent, void>
  annotation(contentIndex: number, annotation: WireAnnotation): Generator<ModelEvent, void>
  /** A part of the content is whole. */
  part(contentIndex: number, part: WirePart): Generator<ModelEvent, void>
  /** `partIndex` numbers the parts of the thoughts, or of their summary. */
  thought(partIndex: number, text: string): Generator<ModelEvent, void>
  /** A piece of the arguments of a tool call, or of the text of a custom one. */
  input(text: string): Generator<ModelEvent, void>
  end(item: WireItem): Generator<ModelEvent, void>
}

interface OpenPart {
  index: number
  said: string
  annotations: number
}

/** @param options.callIndex the number of the next tool call of the answer. */
export function createItemReader({ seen, callIndex }: { seen: SeenInAnswer; callIndex: () => number }): ItemReader {
  let fields: Record<string, unknown> = {}
  let open: OpenPart | undefined
  const done = new Set<number>()
  let call: { index: number; free: boolean; begun: boolean } | undefined
  let thoughts: { index: number } | undefined

  function* openPart(index: number): Generator<ModelEvent, OpenPart> {
    if (open?.index === index) return open
    if (open) done.add(open.index)
    yield { type: 'break' }
    open = { index, said: '', annotations: 0 }
    return open
  }

  function* say(type: 'text' | 'refusal', index: number, text: string): Generator<ModelEvent, void> {
    if (!text || done.has(index)) return
    const part = yield* openPart(index)
    const state = part.said === '' && type === 'text' ? itemState(fields) : undefined
    part.said += text
    if (type === 'refusal') seen.refusal = true
    yield type === 'text' ? { type, text, ...(state && { state }) } : { type, text }
  }

  function* cite(index: number, annotations: readonly WireAnnotation[]): Generator<ModelEvent, void> {
    if (annotations.length === 0 || done.has(index)) return
    const part = yield* openPart(index)
    part.annotations += annotations.length
    yield { type: 'citations', citations: annotations.map(readAnnotation) }
  }

  function* begin(item: WireItem): Generator<ModelEvent, void> {
    if (item.type === 'message') fields = { phase: item['phase'] }
    if (!isCall(item) || call) return
    const { type, id: _id, status: _status, call_id, name, arguments: _arguments, input: _input, ...rest } = item
    call = { index: callIndex(), free: type === 'custom_tool_call', begun: false }
    seen.toolCalls = true
    const state = itemState(rest)
    const callId = call_id || `call_${call.index}`
    yield { type: 'tool-call', index: call.index, callId, tool: name ?? '', ...(state && { state }) }
  }

  function* input(text: string): Generator<ModelEvent, void> {
    if (!call || !text) return
    const { index, free, begun } = call
    call.begun = true
    const piece = free ? `${begun ? '' : freeTextBegin}${freeTextPiece(text)}` : text
    yield { type: 'tool-arguments', index, text: piece }
  }

  function* endPart(index: number, { type, text, refusal, annotations }: WirePart): Generator<ModelEvent, void> {
    if (type !== 'output_text' && type !== 'text' && type !== 'refusal') return
    const whole = refusal || text || ''
    const said = open?.index === index ? open.said : ''
    if (whole.startsWith(said)) yield* say(type === 'refusal' ? 'refusal' : 'text', index, whole.slice(said.length))
    yield* cite(index, (annotations ?? []).slice(open?.index === index ? open.annotations : 0))
  }

  function* endOfCall(item: WireItem): Generator<ModelEvent, void> {
    yield* begin(item)
    const { arguments: given } = item
    const whole = item.input ?? (typeof given === 'object' && given !== null ? JSON.stringify(given) : given)
    if (!call?.begun) yield* input(whole ?? '')
    if (call?.free) {
      const { index, begun } = call
      yield { type: 'tool-arguments', index, text: begun ? freeTextEnd : `${freeTextBegin}${freeTextEnd}` }
    }
  }

  function* endOfThoughts(item: WireItem): Generator<ModelEvent, void> {
    const { id, encrypted_content: encrypted } = item
    const text = thoughtsOf(item)
    const isNew = thoughts === undefined
    if (isNew) yield { type: 'break' }
    if (isNew && text) yield { type: 'reasoning', text }
    if (encrypted || !isNew || text)
      yield {
        type: 'reasoning-state',
        ...(id && { id }),
        ...(encrypted && { state: readOpaqueState(encrypted, 'openai-responses') }),
      }
    yield { type: 'break' }
  }

  return {
    begin,
    text: (index, text) => say('text', index, text),
    refusal: (index, text) => say('refusal', index, text),
    annotation: (index, annotation) => cite(index, [annotation]),
    part: endPart,
    *thought(index, text) {
      if (!text) return
      if (!thoughts) yield { type: 'break' }
      const gap = thoughts && thoughts.index !== index ? '\n\n' : ''
      thoughts = { index }
      yield { type: 'reasoning', text: `${gap}${text}` }
    },
    input,
    *end(item) {
      if (item.type === 'message') {
        if (!open) fields = { phase: item['phase'] }
        for (const [index, each] of (item.content ?? []).entries()) yield* endPart(index, each)
        yield { type: 'break' }
      } else if (isCall(item)) yield* endOfCall(item)
      else if (item.type === 'reasoning') yield* endOfThoughts(item)
      else yield otherItem(item)
    },
  }
}

const isCall = ({ type }: WireItem): boolean => type === 'function_call' || type === 'custom_tool_call'

function otherItem(item: WireItem): ModelEvent {
  const { type, result, output_format: format } = item
  if (type !== 'image_generation_call' || typeof result !== 'string' || !result)
    return { type: 'foreign', part: { type: 'foreign', dialect: 'openai-responses', value: item } }
  const mediaType = `image/${format || 'png'}`
  const part: MediaPart = { type: 'media', media: 'image', mediaType, source: { type: 'base64', data: result } }
  return { type: 'media', part }
}
