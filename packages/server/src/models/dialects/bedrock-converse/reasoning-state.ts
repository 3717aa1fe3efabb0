import type { OpaqueState } from '../../content.ts'
import { stateFor } from '../opaque-state.ts'

// A thought has either a signature or is wholly encrypted. Both are one opaque text to everybody else.
const redactedMark = 'redacted:'

export const signatureState = (signature: string): OpaqueState => ({ dialect: 'bedrock-converse', value: signature })
export const redactedState = (content: string): OpaqueState => signatureState(redactedMark + content)

/** A thought as it was given out, for Bedrock to have it back; undefined for one of another provider. */
export function reasoningContent(text: string, state: OpaqueState | undefined): Record<string, unknown> | undefined {
  const value = stateFor(state, 'bedrock-converse')
  if (value === undefined) return undefined
  return value.startsWith(redactedMark)
    ? { redactedContent: value.slice(redactedMark.length) }
    : { reasoningText: { text, signature: value } }
}
