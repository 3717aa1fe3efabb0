import { CausewayError } from '@causeway/contracts'
import { textOf, toolCallsOf, type InputPart, type MediaPart, type OutputPart } from '../../content.ts'
import type { ModelMessage } from '../../model-request.ts'
import { stateFor } from '../opaque-state.ts'

type WireMessage = Record<string, unknown>

/** The messages of a conversation. Pictures in the results of tools follow in a message of the user: results are text. */
export function writeMessages(messages: readonly ModelMessage[]): WireMessage[] {
  const written: WireMessage[] = []
  let pictures: WireMessage[] = []
  const flush = (): void => {
    if (pictures.length > 0) written.push({ role: 'user', content: pictures })
    pictures = []
  }
  for (const message of messages) {
    if (message.role !== 'tool') flush()
    written.push(writeMessage(message))
    if (message.role === 'tool') pictures.push(...message.content.filter(({ type }) => type !== 'text').map(writePart))
  }
  flush()
  return written
}

function writeMessage(message: ModelMessage): WireMessage {
  switch (message.role) {
    case 'system':
      return { role: 'system', content: textOf(message.content) }
    case 'user':
      return { role: 'user', content: writeInput(message.content) }
    case 'assistant':
      return { role: 'assistant', ...writeAssistant(message.content) }
    case 'tool': {
      const text = textOf(message.content)
      return { role: 'tool', tool_call_id: message.callId, content: text || 'The result follows as a file.' }
    }
  }
}

function writeInput(parts: readonly InputPart[]): unknown {
  return parts.every(({ type }) => type === 'text') ? textOf(parts) : parts.map(writePart)
}

function writePart(part: InputPart): WireMessage {
  if (part.type === 'text') return { type: 'text', text: part.text }
  if (part.type === 'foreign' && part.dialect === 'cohere-chat') return part.value as WireMessage
  const url = part.type === 'media' && part.media === 'image' ? imageUrl(part) : undefined
  if (url !== undefined && part.type === 'media')
    return { type: 'image_url', image_url: { url, ...(part.detail && { detail: part.detail }) } }
  throw new CausewayError('invalid-request', 'The provider of this model cannot take a part of a message.', {
    problems: [{ pointer: '/messages', message: 'this provider takes texts and images only' }],
  })
}

function imageUrl({ source, mediaType }: MediaPart): string | undefined {
  if (source.type === 'url') return source.url
  return source.type === 'base64' ? `data:${mediaType ?? 'image/png'};base64,${source.data}` : undefined
}

function writeAssistant(parts: readonly OutputPart[]): WireMessage {
  const calls = toolCallsOf(parts)
  const thoughts = parts.filter(part => part.type === 'reasoning')
  const said = (field: string): string =>
    thoughts.map(({ text, state }) => (stateFor(state, 'cohere-chat') === field ? text : '')).join('')
  const text = parts.map(part => (part.type === 'text' || part.type === 'refusal' ? part.text : '')).join('')
  const thinking = said('thinking')
  // What is said beside tool calls is the plan behind them.
  const plan = said('tool_plan') || (calls.length > 0 ? text : '')
  const content = [
    ...(thinking ? [{ type: 'thinking', thinking }] : []),
    ...(text && plan !== text ? [{ type: 'text', text }] : []),
  ]
  return {
    ...(content.length > 0 && { content }),
    ...(content.length === 0 && calls.length === 0 && { content: '' }),
    ...(plan && { tool_plan: plan }),
    ...(calls.length > 0 && {
      tool_calls: calls.map(({ callId, tool, arguments: input }) => ({
        id: callId,
        type: 'function',
        function: { name: tool, arguments: typeof input === 'string' ? input : JSON.stringify(input) },
      })),
    }),
  }
}
