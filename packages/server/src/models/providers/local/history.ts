import { textOf, toolCallsOf } from '../../content.ts'
import type { ModelMessage } from '../../model-request.ts'
import type { FunctionCallItem, HistoryItem } from './llama-module.ts'

/**
 * The conversation as node-llama-cpp has it: a tool call carries its result, and what a model says between two user
 * messages is one item. The last item is the one to go on with.
 */
export function historyOf(messages: readonly ModelMessage[]): HistoryItem[] {
  const history: HistoryItem[] = []
  const calls = new Map<string, FunctionCallItem>()
  for (const message of messages) {
    switch (message.role) {
      case 'system':
      case 'user':
        history.push({ type: message.role, text: textOf(message.content) })
        break
      case 'assistant': {
        const { response } = lastModelItem(history)
        const text = textOf(message.content)
        if (text) response.push(text)
        for (const { callId, tool, arguments: params } of toolCallsOf(message.content)) {
          const call: FunctionCallItem = { type: 'functionCall', name: tool, params, result: null }
          calls.set(callId, call)
          response.push(call)
        }
        break
      }
      case 'tool': {
        const call = calls.get(message.callId)
        const text = textOf(message.content)
        if (call) call.result = message.failed ? { error: text } : text
        break
      }
    }
  }
  lastModelItem(history)
  return history
}

function lastModelItem(history: HistoryItem[]): Extract<HistoryItem, { type: 'model' }> {
  const last = history.at(-1)
  if (last?.type === 'model') return last
  const item: HistoryItem = { type: 'model', response: [] }
  history.push(item)
  return item
}
