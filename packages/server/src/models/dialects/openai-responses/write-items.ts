import { textOf, type InputPart, type OutputPart, type ReasoningPart } from '../../content.ts'
import type { ModelMessage } from '../../model-request.ts'
import { isRecord } from '../head-members.ts'
import { stateFor } from '../opaque-state.ts'
import { writeContent } from './content.ts'
import { freeTextOf } from './free-text.ts'
import { isOwnReasoningId } from './ids.ts'
import { itemFields } from './item-state.ts'

export interface WriteItemsOptions {
  /** Names of the tools that take a text. */
  freeTextTools: ReadonlySet<string>
  /** The server wants thoughts back that have no encrypted form. */
  openThoughts: boolean
}

/** A conversation as the items of an input. @throws CausewayError invalid-request for a part without a form here */
export const writeItems = (messages: readonly ModelMessage[], options: WriteItemsOptions): unknown[] =>
  messages.flatMap(message => writeMessage(message, options))

function writeMessage(message: ModelMessage, options: WriteItemsOptions): unknown[] {
  switch (message.role) {
    case 'system':
      return [{ role: 'system', content: textOf(message.content) }]
    case 'user':
      return writeUser(message.content)
    case 'assistant':
      return writeAssistant(message.content, options)
    case 'tool': {
      const { callId, tool, content } = message
      const type = options.freeTextTools.has(tool) ? 'custom_tool_call_output' : 'function_call_output'
      const output = content.length === 0 ? '' : writeContent(content)
      return [{ type, call_id: callId, output }]
    }
  }
}

function writeUser(parts: readonly InputPart[]): unknown[] {
  const items = parts.flatMap(part => wholeItem(part) ?? [])
  const rest = parts.filter(part => !wholeItem(part))
  return [...items, ...(rest.length > 0 || items.length === 0 ? [{ role: 'user', content: writeContent(rest) }] : [])]
}

/** The item that a client sent beside its messages. */
function wholeItem(part: InputPart): unknown {
  if (part.type !== 'foreign' || part.dialect !== 'openai-responses' || !isRecord(part.value)) return undefined
  return 'type' in part.value ? undefined : part.value['item']
}

function writeAssistant(parts: readonly OutputPart[], options: WriteItemsOptions): unknown[] {
  const items: unknown[] = []
  let message: { fields: string; content: unknown[] } | undefined
  for (const part of parts) {
    if (part.type === 'text' || part.type === 'refusal') {
      const fields = part.type === 'text' ? itemFields(part.state) : {}
      const key = JSON.stringify(fields)
      if (message?.fields !== key) {
        message = { fields: key, content: [] }
        items.push({ type: 'message', role: 'assistant', content: message.content, ...fields })
      }
      message.content.push(
        part.type === 'text'
          ? { type: 'output_text', text: part.text, annotations: [] }
          : { type: 'refusal', refusal: part.text },
      )
      continue
    }
    message = undefined
    items.push(...writePart(part, options))
  }
  return items
}

/** Pictures of the model cannot be handed back by their content. */
function writePart(part: Exclude<OutputPart, { type: 'text' | 'refusal' }>, options: WriteItemsOptions): unknown[] {
  switch (part.type) {
    case 'reasoning':
      return writeReasoning(part, options)
    case 'tool-call': {
      const { callId, tool, arguments: input, state } = part
      const fields = itemFields(state)
      if (options.freeTextTools.has(tool))
        return [{ type: 'custom_tool_call', call_id: callId, name: tool, input: freeTextOf(input), ...fields }]
      const text = typeof input === 'string' ? input : JSON.stringify(input)
      return [{ type: 'function_call', call_id: callId, name: tool, arguments: text, ...fields }]
    }
    case 'foreign':
      return part.dialect === 'openai-responses' ? [part.value] : []
    case 'media':
      return []
  }
}

function writeReasoning({ text, id, state }: ReasoningPart, { openThoughts }: WriteItemsOptions): unknown[] {
  const encrypted = stateFor(state, 'openai-responses')
  const head = { type: 'reasoning', ...(id && !isOwnReasoningId(id) && { id }) }
  if (encrypted !== undefined) {
    const summary = text ? [{ type: 'summary_text', text }] : []
    return [{ ...head, summary, encrypted_content: encrypted }]
  }
  if (!openThoughts || !text) return []
  return [{ ...head, summary: [], content: [{ type: 'reasoning_text', text }] }]
}
