import type { OpaqueState, ReasoningPart } from '../../content.ts'
import type { ModelEvent } from '../../model-event.ts'
import type { DialectName } from '../dialect-name.ts'
import { readOpaqueState, writeOpaqueState } from '../opaque-state.ts'
import type { ReasoningDetail, WireMessage } from './wire.ts'

// Chat Completions has no field for thoughts. Two have become usual: `reasoning_content` for the text, and OpenRouter's
// `reasoning_details` for what has to come back unchanged.
// Source: https://openrouter.ai/docs/use-cases/reasoning-tokens

/** How OpenRouter names the formats of opaque state. */
const formats: Readonly<Record<string, DialectName>> = {
  'anthropic-claude-v1': 'anthropic-messages',
  'openai-responses-v1': 'openai-responses',
  'xai-responses-v1': 'openai-responses',
  'google-gemini-v1': 'gemini',
}

/** What a message, or a piece of one, tells of thoughts. */
export function* reasoningEvents(message: WireMessage): Generator<ModelEvent, void> {
  const plain = message.reasoning_content || message.reasoning || thoughtsIn(message.content)
  if (plain) yield { type: 'reasoning', text: plain }
  for (const detail of message.reasoning_details ?? []) {
    const text = detail.text || detail.summary
    if (text && !plain) yield { type: 'reasoning', text }
    const state = stateOf(detail)
    if (state) yield { type: 'reasoning-state', state, ...(detail.id && { id: detail.id }) }
  }
}

/** Thoughts among the parts of a content: Mistral writes `{type: 'thinking', thinking: [{type: 'text', text}]}`. */
function thoughtsIn(content: WireMessage['content']): string {
  if (!Array.isArray(content)) return ''
  return content
    .filter(({ type }) => type === 'thinking')
    .flatMap(part => (Array.isArray(part['thinking']) ? part['thinking'] : [part['thinking']]))
    .map((piece: unknown) => {
      if (typeof piece === 'string') return piece
      return typeof piece === 'object' && piece !== null && 'text' in piece ? String(piece.text) : ''
    })
    .join('')
}

function stateOf({ signature, data, format }: ReasoningDetail): OpaqueState | undefined {
  const value = signature || data
  if (!value) return undefined
  const dialect = formats[format ?? '']
  return dialect ? { dialect, value } : readOpaqueState(value, 'openai-chat')
}

/** The thoughts of an answer as fields of a message. */
export function reasoningFields(parts: readonly ReasoningPart[]): Record<string, unknown> {
  if (parts.length === 0) return {}
  const text = parts.map(part => part.text).join('\n\n')
  const details = parts.map(reasoningDetail)
  return { ...(text && { reasoning_content: text }), reasoning_details: details }
}

/** A part of the thoughts in OpenRouter's form. */
export const reasoningDetail = ({ text, state, id }: ReasoningPart): Record<string, unknown> => ({
  type: text || !state ? 'reasoning.text' : 'reasoning.encrypted',
  ...(text && { text }),
  ...(id && { id }),
  ...(state && { [text ? 'signature' : 'data']: writeOpaqueState(state, 'openai-chat') }),
})

/** The thoughts that a client hands back in a message of the assistant. */
export function readReasoning(message: WireMessage): ReasoningPart[] {
  const details = message.reasoning_details ?? []
  const plain = message.reasoning_content || message.reasoning || thoughtsIn(message.content)
  if (details.length === 0) return plain ? [{ type: 'reasoning', text: plain }] : []
  // Of a stream the details have only what is opaque, because the text has been sent already.
  const textless = details.every(({ text, summary }) => !text && !summary)
  return details.map((detail, index): ReasoningPart => {
    const state = stateOf(detail)
    return {
      type: 'reasoning',
      text: detail.text || detail.summary || (textless && index === 0 ? plain : ''),
      ...(detail.id && { id: detail.id }),
      ...(state && { state }),
    }
  })
}
