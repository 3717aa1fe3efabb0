import type { OutputPart } from '../../content.ts'
import type { ModelEvent } from '../../model-event.ts'

/** The events in which parts of an answer could have arrived. The last part stays open. */
export const replay = (parts: readonly OutputPart[]): ModelEvent[] =>
  parts.flatMap((part, index): ModelEvent[] => [
    ...(index > 0 ? [{ type: 'break' } as const] : []),
    ...eventsOf(part, index),
  ])

function eventsOf(part: OutputPart, index: number): ModelEvent[] {
  switch (part.type) {
    case 'text': {
      const { text, state, citations } = part
      return [
        { type: 'text', text, ...(state && { state }) },
        ...(citations ? [{ type: 'citations', citations } as const] : []),
      ]
    }
    case 'refusal':
      return [{ type: 'refusal', text: part.text }]
    case 'reasoning': {
      const { text, id, state } = part
      return [
        { type: 'reasoning', text },
        { type: 'reasoning-state', ...(id && { id }), ...(state && { state }) },
      ]
    }
    case 'tool-call': {
      const { callId, tool, arguments: input, state } = part
      const text = typeof input === 'string' ? input : JSON.stringify(input)
      return [
        { type: 'tool-call', index, callId, tool, ...(state && { state }) },
        { type: 'tool-arguments', index, text },
      ]
    }
    case 'media':
      return [{ type: 'media', part }]
    case 'foreign':
      return [{ type: 'foreign', part }]
  }
}
