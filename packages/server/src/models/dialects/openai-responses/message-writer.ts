import type { Citation, OpaqueState } from '../../content.ts'
import { carryState } from './carried-state.ts'
import { writeAnnotations } from './citations.ts'
import type { ItemStatus, OutputItems, WrittenEvent } from './output-items.ts'
import { itemFields } from './item-state.ts'

type Part =
  | { type: 'output_text'; text: string; annotations: unknown[]; logprobs: [] }
  | { type: 'refusal'; refusal: string }

interface OpenMessage {
  index: number
  item: Record<string, unknown> & { id: string; content: Part[] }
  /** Its own fields, to tell one message from another. */
  fields: string
}

/** Writes messages: texts and refusals that follow each other are parts of one. */
export interface MessageWriter {
  text(text: string, state: OpaqueState | undefined): WrittenEvent[]
  refusal(text: string): WrittenEvent[]
  cite(citations: readonly Citation[]): WrittenEvent[]
  endPart(): WrittenEvent[]
  end(status?: ItemStatus): WrittenEvent[]
}

export function createMessageWriter(items: OutputItems): MessageWriter {
  let message: OpenMessage | undefined
  let part: Part | undefined
  let carried: OpaqueState | undefined

  const place = () => ({
    item_id: message?.item.id,
    output_index: message?.index,
    content_index: (message?.item.content.length ?? 1) - 1,
  })

  const begin = (fields: Record<string, unknown>): WrittenEvent[] => {
    const key = JSON.stringify(fields)
    if (message?.fields === key) return []
    const events = end()
    const item = { ...fields, type: 'message', status: 'in_progress', role: 'assistant', content: [] as Part[] }
    const added = items.add('msg', item)
    message = { index: added.index, item: added.item, fields: key }
    return [...events, added.event]
  }

  const beginPart = (wanted: Part, fields: Record<string, unknown>): WrittenEvent[] => {
    if (part?.type === wanted.type && message?.fields === JSON.stringify(fields)) return []
    const events = [...endPart(), ...begin(fields)]
    part = wanted
    message?.item.content.push(wanted)
    return [...events, { type: 'response.content_part.added', ...place(), part: { ...wanted } }]
  }
  const textPart = (): Part => ({ type: 'output_text', text: '', annotations: [], logprobs: [] })
  const sameFields = (): Record<string, unknown> => (message ? JSON.parse(message.fields) : {})

  function endPart(): WrittenEvent[] {
    if (!part) return []
    const told =
      part.type === 'output_text'
        ? { type: 'response.output_text.done', ...place(), text: part.text, logprobs: [] }
        : { type: 'response.refusal.done', ...place(), refusal: part.refusal }
    const events = [told, { type: 'response.content_part.done', ...place(), part: { ...part } }]
    part = undefined
    return carried ? [...events, ...end()] : events
  }

  function end(status: ItemStatus = 'completed'): WrittenEvent[] {
    const state = carried
    carried = undefined
    const events = endPart()
    if (message) {
      message.item['status'] = status
      events.push(items.done(message.index))
    }
    message = undefined
    return state ? [...events, ...items.whole('rs', thoughtsWith(carryState(state, 'last')))] : events
  }

  return {
    text(text, state) {
      const own = state?.dialect === 'openai-responses'
      const events = text ? beginPart(textPart(), own ? itemFields(state) : sameFields()) : []
      if (state && !own) carried = state
      if (!text) return []
      if (part?.type === 'output_text') part.text += text
      return [...events, { type: 'response.output_text.delta', ...place(), delta: text, logprobs: [] }]
    },
    refusal(text) {
      const events = beginPart({ type: 'refusal', refusal: '' }, sameFields())
      if (part?.type === 'refusal') part.refusal += text
      return [...events, { type: 'response.refusal.delta', ...place(), delta: text }]
    },
    cite(citations) {
      const events = beginPart(textPart(), sameFields())
      const open = part
      if (open?.type !== 'output_text') return events
      for (const annotation of writeAnnotations(citations, open.text.length)) {
        const annotation_index = open.annotations.push(annotation) - 1
        events.push({ type: 'response.output_text.annotation.added', ...place(), annotation_index, annotation })
      }
      return events
    },
    endPart,
    end,
  }
}

/** Thoughts without words, for what only a provider can read. */
export const thoughtsWith = (encrypted: string): Record<string, unknown> => ({
  type: 'reasoning',
  summary: [],
  encrypted_content: encrypted,
})
