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
        history.push({ type: message.role, text: message.text })
        break
      case 'assistant': {
        const { response } = lastModelItem(history)
        if (message.text) response.push(message.text)
        for (const { callId, tool, arguments: params } of message.toolCalls) {
          const call: FunctionCallItem = { type: 'functionCall', name: tool, params, result: null }
          calls.set(callId, call)
          response.push(call)
        }
        break
      }
      case 'tool': {
        const call = calls.get(message.callId)
        if (call) call.result = message.failed ? { error: message.text } : message.text
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
