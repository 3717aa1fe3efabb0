import type { OpaqueState } from '../../content.ts'
import { carryState } from './carried-state.ts'
import { freeTextOf } from './free-text.ts'
import { itemFields } from './item-state.ts'
import { thoughtsWith } from './message-writer.ts'
import type { ItemStatus, OutputItems, WrittenEvent } from './output-items.ts'

interface OpenCall {
  index: number
  item: Record<string, unknown> & { id: string }
  free: boolean
  pieces: string[]
}

/** Writes tool calls. Several may be open at once, because their arguments may arrive in turns. */
export interface CallWriter {
  begin(call: { index: number; callId: string; tool: string; state?: OpaqueState }): WrittenEvent[]
  input(index: number, text: string): WrittenEvent[]
  end(status?: ItemStatus): WrittenEvent[]
}

/** @param freeTextTools the names of the tools that take a text, which is sent when it is whole. */
export function createCallWriter(items: OutputItems, freeTextTools: ReadonlySet<string>): CallWriter {
  const open = new Map<number, OpenCall>()

  const endCall = ({ index, item, free, pieces }: OpenCall, status: ItemStatus): WrittenEvent[] => {
    const place = { item_id: item.id, output_index: index }
    const text = pieces.join('')
    item['status'] = status
    if (!free) {
      item['arguments'] = text
      const { name } = item
      return [{ type: 'response.function_call_arguments.done', ...place, name, arguments: text }, items.done(index)]
    }
    const input = freeTextOf(text)
    item['input'] = input
    return [
      { type: 'response.custom_tool_call_input.delta', ...place, delta: input },
      { type: 'response.custom_tool_call_input.done', ...place, input },
      items.done(index),
    ]
  }

  return {
    begin({ index: number, callId, tool, state }) {
      const own = state?.dialect === 'openai-responses'
      const before = state && !own ? items.whole('rs', thoughtsWith(carryState(state, 'next'))) : []
      const free = freeTextTools.has(tool)
      const call = { ...itemFields(state), status: 'in_progress', call_id: callId, name: tool }
      const { index, item, event } = free
        ? items.add('ctc', { ...call, type: 'custom_tool_call', input: '' })
        : items.add('fc', { ...call, type: 'function_call', arguments: '' })
      open.set(number, { index, item, free, pieces: [] })
      return [...before, event]
    },
    input(number, text) {
      const call = open.get(number)
      if (!call || !text) return []
      call.pieces.push(text)
      if (call.free) return []
      const { item, index } = call
      return [{ type: 'response.function_call_arguments.delta', item_id: item.id, output_index: index, delta: text }]
    },
    end(status = 'completed') {
      const events = [...open.values()].flatMap(call => endCall(call, status))
      open.clear()
      return events
    },
  }
}
