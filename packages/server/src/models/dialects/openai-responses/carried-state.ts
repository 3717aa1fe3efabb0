import type { OpaqueState, OutputPart } from '../../content.ts'
import { readOpaqueState, writeOpaqueState } from '../opaque-state.ts'

// This dialect has a field for opaque state on thoughts only. What other providers attach to a text or to a tool call
// travels in thoughts without words that stand beside it, because clients hand all thoughts back.

type Side = 'next' | 'last'
const form = /^causeway-(next|last):(.*)$/s

/** The `encrypted_content` of thoughts that carry the state of the item after them, or before them. */
export const carryState = (state: OpaqueState, of: Side): string =>
  `causeway-${of}:${writeOpaqueState(state, 'openai-responses')}`

/** Reads what `carryState` wrote; undefined for thoughts of their own. */
export function readCarriedState(encrypted: string): { of: Side; state: OpaqueState } | undefined {
  const [, of, value] = form.exec(encrypted) ?? []
  if (of === undefined || value === undefined) return undefined
  return { of: of === 'next' ? 'next' : 'last', state: readOpaqueState(value, 'openai-responses') }
}

/** Gives a part a state, where it is one that can have it. */
export const withState = (part: OutputPart, state: OpaqueState | undefined): OutputPart =>
  state && (part.type === 'text' || part.type === 'tool-call') ? { ...part, state } : part
