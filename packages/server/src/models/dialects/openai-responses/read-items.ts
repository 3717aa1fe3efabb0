import type { OpaqueState, OutputPart, ReasoningPart } from '../../content.ts'
import type { ModelMessage } from '../../model-request.ts'
import { readToolArguments } from '../../tool-arguments.ts'
import { readOpaqueState } from '../opaque-state.ts'
import { readCarriedState, withState } from './carried-state.ts'
import { readContent, type RequestContent } from './content.ts'
import { freeTextArguments } from './free-text.ts'
import { itemState } from './item-state.ts'
import type { InputItem } from './request-schema.ts'

type ItemOf<Kind extends InputItem['kind']> = Extract<InputItem, { kind: Kind }>['item']

/** The conversation that a list of items tells of. What the model put out in one turn is one message. */
export function readItems(items: readonly InputItem[]): ModelMessage[] {
  const messages: ModelMessage[] = []
  const tools = new Map<string, string>()
  let carried: OpaqueState | undefined

  const said = (): OutputPart[] => {
    const last = messages.at(-1)
    if (last?.role === 'assistant') return last.content
    const content: OutputPart[] = []
    messages.push({ role: 'assistant', content })
    return content
  }
  const say = (...parts: OutputPart[]): void => {
    const [first, ...rest] = parts
    if (!first) return
    said().push(withState(first, carried), ...rest)
    carried = undefined
  }

  for (const input of items) {
    switch (input.kind) {
      case 'message':
        if (input.item.role === 'assistant') say(...readAssistant(input.item))
        else messages.push(readMessage(input.item))
        break
      case 'reasoning': {
        const state = input.item.encrypted_content ? readCarriedState(input.item.encrypted_content) : undefined
        if (state?.of === 'next') carried = state.state
        else if (state) attach(said(), state.state)
        else said().push(readReasoning(input.item))
        break
      }
      case 'call':
      case 'custom-call': {
        const call = input.kind === 'call' ? readCall(input.item) : readCustomCall(input.item)
        tools.set(call.callId, call.tool)
        say(call)
        break
      }
      case 'result': {
        const { call_id: callId, output } = input.item
        const content = readContent(output)
        messages.push({ role: 'tool', callId, tool: tools.get(callId) ?? '', content, failed: false })
        break
      }
      case 'other':
        if (mustBeUnderstood(input.item))
          messages.push({
            role: 'user',
            content: [{ type: 'foreign', dialect: 'openai-responses', value: { item: input.item } }],
          })
        else said().push({ type: 'foreign', dialect: 'openai-responses', value: input.item })
        break
    }
  }
  return messages.filter(message => message.role !== 'assistant' || message.content.length > 0)
}

/**
 * Without a result that the client brings, or the history that an item stands for, the answer would be another. What the
 * provider's own tools did is told in the model's words too.
 */
const mustBeUnderstood = ({ type }: Record<string, unknown>): boolean =>
  typeof type !== 'string' || /(_call_output|_response|_reference|^compaction.*|^additional_tools)$/.test(type)

function attach(parts: OutputPart[], state: OpaqueState): void {
  const last = parts.at(-1)
  if (last) parts[parts.length - 1] = withState(last, state)
}

function readMessage({ role, content }: ItemOf<'message'>): ModelMessage {
  const parts = readContent(content)
  return role === 'user'
    ? { role: 'user', content: parts }
    : { role: 'system', content: parts.filter(part => part.type === 'text') }
}

function readAssistant({ content, phase }: ItemOf<'message'>): OutputPart[] {
  const state = itemState({ phase })
  return partsOf(content).map((part): OutputPart => {
    if (part.type === 'refusal') return { type: 'refusal', text: part.refusal ?? '' }
    const [read] = readContent([part])
    return read?.type === 'text' && state ? { ...read, state } : (read ?? { type: 'text', text: '' })
  })
}

const partsOf = (content: RequestContent | null | undefined) =>
  typeof content === 'string' ? (content ? [{ type: 'output_text', text: content }] : []) : (content ?? [])

function readReasoning(item: ItemOf<'reasoning'>): OutputPart {
  const { id, encrypted_content: encrypted } = item
  const text = thoughtsOf(item)
  // A provider may have kept thoughts without words under their id.
  if (!text && !encrypted) return { type: 'foreign', dialect: 'openai-responses', value: item }
  const part: ReasoningPart = { type: 'reasoning', text }
  if (id) part.id = id
  if (encrypted) part.state = readOpaqueState(encrypted, 'openai-responses')
  return part
}

/** The words of thoughts: all of them where the provider tells them, or else their summary. */
export function thoughtsOf(item: {
  content?: readonly { text?: string | null | undefined }[] | null | undefined
  summary?: readonly { text?: string | null | undefined }[] | null | undefined
}): string {
  const words = (parts: typeof item.content) => (parts ?? []).map(({ text }) => text ?? '').join('\n\n')
  return words(item.content) || words(item.summary)
}

function readCall(item: ItemOf<'call'>): OutputPart & { type: 'tool-call' } {
  const { type: _type, id: _id, status: _status, call_id: callId, name: tool, arguments: input, ...rest } = item
  const state = itemState(rest)
  return { type: 'tool-call', callId, tool, arguments: readToolArguments(input ?? ''), ...(state && { state }) }
}

function readCustomCall(item: ItemOf<'custom-call'>): OutputPart & { type: 'tool-call' } {
  const { type: _type, id: _id, status: _status, call_id: callId, name: tool, input, ...rest } = item
  const state = itemState(rest)
  return { type: 'tool-call', callId, tool, arguments: freeTextArguments(input), ...(state && { state }) }
}
