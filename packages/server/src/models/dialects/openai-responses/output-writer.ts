import type { OutputPart } from '../../content.ts'
import type { ModelEvent } from '../../model-event.ts'
import { isRecord } from '../head-members.ts'
import { createCallWriter } from './call-writer.ts'
import type { Ids } from './ids.ts'
import { createMessageWriter } from './message-writer.ts'
import { createOutputItems, type ItemStatus, type WrittenEvent } from './output-items.ts'
import { createReasoningWriter } from './reasoning-writer.ts'

/** Turns the events of an answer into items and into the events that tell of them. */
export interface OutputWriter {
  readonly output: readonly unknown[]
  write(event: ModelEvent): WrittenEvent[]
  /** Ends what is open. */
  end(status: ItemStatus): WrittenEvent[]
}

export function createOutputWriter(ids: Ids, request: Readonly<Record<string, unknown>>): OutputWriter {
  const items = createOutputItems(ids)
  const message = createMessageWriter(items)
  const reasoning = createReasoningWriter(items)
  const calls = createCallWriter(items, freeTextToolsIn(request))

  return {
    output: items.list,
    write(event) {
      switch (event.type) {
        case 'text':
          return [...reasoning.end(), ...calls.end(), ...message.text(event.text, event.state)]
        case 'refusal':
          return [...reasoning.end(), ...calls.end(), ...message.refusal(event.text)]
        case 'citations':
          return [...reasoning.end(), ...calls.end(), ...message.cite(event.citations)]
        case 'reasoning':
          return [...message.end(), ...calls.end(), ...reasoning.text(event.text)]
        case 'reasoning-state':
          return event.state ? [...message.end(), ...calls.end(), ...reasoning.state(event.state)] : []
        case 'tool-call':
          return [...message.end(), ...reasoning.end(), ...calls.begin(event)]
        case 'tool-arguments':
          return calls.input(event.index, event.text)
        case 'media':
        case 'foreign':
          return [...message.end(), ...reasoning.end(), ...calls.end(), ...writeWhole(event.part)]
        case 'break':
          return [...message.endPart(), ...reasoning.end()]
        case 'started':
        case 'usage':
        case 'finished':
          return []
      }
    },
    end: status => [...reasoning.end(), ...message.end(status), ...calls.end(status)],
  }

  /** An item that arrives in one piece. Sounds, films and files have no item in this dialect. */
  function writeWhole(part: OutputPart): WrittenEvent[] {
    if (part.type === 'foreign')
      return part.dialect === 'openai-responses' && isRecord(part.value) ? items.whole('item', part.value) : []
    if (part.type !== 'media' || part.media !== 'image' || part.source.type !== 'base64') return []
    return items.whole('ig', {
      type: 'image_generation_call',
      status: 'completed',
      result: part.source.data,
      output_format: (part.mediaType ?? 'image/png').slice('image/'.length),
    })
  }
}

function freeTextToolsIn({ tools }: Readonly<Record<string, unknown>>): Set<string> {
  const all: unknown[] = Array.isArray(tools) ? tools : []
  return new Set(
    all.flatMap(tool =>
      isRecord(tool) && tool['type'] === 'custom' && typeof tool['name'] === 'string' ? [tool['name']] : [],
    ),
  )
}
