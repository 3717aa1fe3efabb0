import type { OpaqueState, ReasoningPart } from '../../content.ts'
import { readOpaqueState, stateFor, writeOpaqueState } from '../opaque-state.ts'

// A thought is either a text with a signature or, where the provider hides it, data without a text. Both are state that
// has to come back; the mark tells them apart.
const redactedMark = 'redacted:'

type Block = Record<string, unknown>

export const thinkingState = (signature: string): OpaqueState => readOpaqueState(signature, 'anthropic-messages')
export const redactedState = (data: string): OpaqueState => ({
  dialect: 'anthropic-messages',
  value: redactedMark + data,
})

/** The thoughts of an answer as a client sees them; those of other providers travel in the signature. */
export function thinkingBlock({ text, state }: ReasoningPart): Block {
  const own = stateFor(state, 'anthropic-messages')
  if (own?.startsWith(redactedMark)) return { type: 'redacted_thinking', data: own.slice(redactedMark.length) }
  return { type: 'thinking', thinking: text, signature: state ? writeOpaqueState(state, 'anthropic-messages') : '' }
}

/** The thoughts of an earlier turn for the provider, which takes only those that it has signed. */
export function returnedThinking(part: ReasoningPart): Block[] {
  return stateFor(part.state, 'anthropic-messages') ? [thinkingBlock(part)] : []
}
