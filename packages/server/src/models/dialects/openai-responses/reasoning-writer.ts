import type { OpaqueState } from '../../content.ts'
import { writeOpaqueState } from '../opaque-state.ts'
import type { OutputItems, WrittenEvent } from './output-items.ts'

interface OpenReasoning {
  index: number
  item: { id: string; summary: { type: 'summary_text'; text: string }[]; encrypted_content?: string }
}

/** Writes thoughts. Their words are given as a summary, which is what clients show. */
export interface ReasoningWriter {
  text(text: string): WrittenEvent[]
  state(state: OpaqueState | undefined): WrittenEvent[]
  end(): WrittenEvent[]
}

export function createReasoningWriter(items: OutputItems): ReasoningWriter {
  let open: OpenReasoning | undefined

  const begin = (): { reasoning: OpenReasoning; events: WrittenEvent[] } => {
    if (open) return { reasoning: open, events: [] }
    const summary: OpenReasoning['item']['summary'] = []
    const { index, item, event } = items.add('rs', { type: 'reasoning', summary })
    open = { index, item }
    return { reasoning: open, events: [event] }
  }
  const place = ({ index, item }: OpenReasoning) => ({ item_id: item.id, output_index: index, summary_index: 0 })

  return {
    text(text) {
      if (!text) return []
      const { reasoning, events } = begin()
      const { summary } = reasoning.item
      if (summary.length === 0) {
        summary.push({ type: 'summary_text', text: '' })
        const part = { type: 'summary_text', text: '' }
        events.push({ type: 'response.reasoning_summary_part.added', ...place(reasoning), part })
      }
      const [part] = summary
      if (part) part.text += text
      return [...events, { type: 'response.reasoning_summary_text.delta', ...place(reasoning), delta: text }]
    },
    state(state) {
      if (!state) return []
      const { reasoning, events } = begin()
      reasoning.item.encrypted_content = writeOpaqueState(state, 'openai-responses')
      return events
    },
    end() {
      if (!open) return []
      const at = place(open)
      const [part] = open.item.summary
      const told = part
        ? [
            { type: 'response.reasoning_summary_text.done', ...at, text: part.text },
            { type: 'response.reasoning_summary_part.done', ...at, part: { ...part } },
          ]
        : []
      const events = [...told, items.done(open.index)]
      open = undefined
      return events
    },
  }
}
