import type { ModelEvent } from '../../model-event.ts'
import { readCitation, type Block } from './blocks.ts'
import { redactedState, thinkingState } from './thinking.ts'

type Delta = Record<string, unknown> & { type: string }

/** Reads the blocks of a streamed message, which share one numbering; tool calls have their own. */
export interface BlockReader {
  start(index: number, block: Block): Iterable<ModelEvent>
  delta(index: number, delta: Delta): Iterable<ModelEvent>
  stop(index: number): Iterable<ModelEvent>
}

type OpenBlock =
  | { kind: 'text' }
  | { kind: 'thinking' }
  | { kind: 'call'; number: number }
  /** A block that is handed on whole; what its pieces say is gathered until it ends. */
  | { kind: 'foreign'; block: Record<string, unknown>; input: string[] }

export function createBlockReader(): BlockReader {
  const open = new Map<number, OpenBlock>()
  let calls = 0

  return {
    *start(index, block) {
      switch (block.type) {
        case 'text':
          open.set(index, { kind: 'text' })
          if (block.text) yield { type: 'text', text: block.text }
          break
        case 'thinking':
          open.set(index, { kind: 'thinking' })
          if (block.thinking) yield { type: 'reasoning', text: block.thinking }
          break
        case 'redacted_thinking':
          open.set(index, { kind: 'thinking' })
          yield { type: 'reasoning-state', state: redactedState(block.data ?? '') }
          break
        case 'tool_use': {
          const number = calls++
          open.set(index, { kind: 'call', number })
          yield { type: 'tool-call', index: number, callId: block.id ?? `call_${number}`, tool: block.name ?? '' }
          break
        }
        default:
          open.set(index, { kind: 'foreign', block: { ...block }, input: [] })
      }
    },
    *delta(index, delta) {
      const block = open.get(index)
      switch (block?.kind) {
        case 'text':
          if (typeof delta['text'] === 'string' && delta['text']) yield { type: 'text', text: delta['text'] }
          if (isRecord(delta['citation'])) yield { type: 'citations', citations: [readCitation(delta['citation'])] }
          break
        case 'thinking':
          if (typeof delta['thinking'] === 'string' && delta['thinking'])
            yield { type: 'reasoning', text: delta['thinking'] }
          if (typeof delta['signature'] === 'string' && delta['signature'])
            yield { type: 'reasoning-state', state: thinkingState(delta['signature']) }
          break
        case 'call':
          if (typeof delta['partial_json'] === 'string' && delta['partial_json'])
            yield { type: 'tool-arguments', index: block.number, text: delta['partial_json'] }
          break
        case 'foreign':
          gather(block, delta)
          break
        case undefined:
          break
      }
    },
    *stop(index) {
      const block = open.get(index)
      open.delete(index)
      if (block?.kind === 'foreign') {
        const value = { ...block.block, ...parsedInput(block.input) }
        yield { type: 'foreign', part: { type: 'foreign', dialect: 'anthropic-messages', value } }
      }
      yield { type: 'break' }
    },
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** Texts grow by their pieces; all else is replaced. */
function gather(open: OpenBlock & { kind: 'foreign' }, delta: Delta): void {
  for (const [key, value] of Object.entries(delta)) {
    if (key === 'type') continue
    const before = open.block[key]
    if (key === 'partial_json') open.input.push(String(value))
    else Object.defineProperty(open.block, key, { value: joined(before, value), enumerable: true, configurable: true })
  }
}

const joined = (before: unknown, value: unknown): unknown =>
  typeof before === 'string' && typeof value === 'string' ? before + value : value

function parsedInput(pieces: readonly string[]): { input?: unknown } {
  if (pieces.length === 0) return {}
  const text = pieces.join('')
  try {
    return { input: text ? JSON.parse(text) : {} }
  } catch {
    return { input: text }
  }
}
