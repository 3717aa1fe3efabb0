import type { RequestedToolCall, TokenUsage } from '@causeway/contracts'
import type { ModelEvent } from './model-event.ts'
import type { FinishReason } from './model-response.ts'
import { estimateTokens } from './token-estimate.ts'
import { readToolArguments } from './tool-arguments.ts'

/** What a model has said so far. */
export interface CollectedAnswer {
  text: string
  toolCalls: RequestedToolCall[]
  finishReason: FinishReason | undefined
  usage: TokenUsage
  /** Whether `usage` was reckoned from characters, because the provider did not count or did not get that far. */
  usageEstimated: boolean
}

/** Gathers the events of one answer. It can be read at any time, so that a broken or abandoned answer can be settled too. */
export function createAnswerCollector({ inputCharacters }: { inputCharacters: number }) {
  const calls: { callId: string; tool: string; text: string }[] = []
  let text = ''
  let usage: TokenUsage | undefined
  let finishReason: FinishReason | undefined

  const estimated = (): TokenUsage => ({
    inputTokens: usage?.inputTokens || estimateTokens(inputCharacters),
    outputTokens: estimateTokens(
      text.length + calls.reduce((sum, call) => sum + call.text.length + call.tool.length, 0),
    ),
    cachedInputTokens: usage?.cachedInputTokens ?? 0,
    cacheWriteTokens: usage?.cacheWriteTokens ?? 0,
    reasoningTokens: 0,
  })

  return {
    add(event: ModelEvent): void {
      switch (event.type) {
        case 'text':
          text += event.text
          break
        case 'tool-call':
          calls[event.index] = { callId: event.callId, tool: event.tool, text: '' }
          break
        case 'tool-arguments': {
          const call = calls[event.index]
          if (call) call.text += event.text
          break
        }
        case 'usage':
          usage = event.usage
          break
        case 'finished':
          finishReason = event.reason
          break
      }
    },
    answer(): CollectedAnswer {
      // Before the end a provider has counted the input at most, and its output figure is a placeholder.
      const usageEstimated = usage === undefined || finishReason === undefined
      return {
        text,
        toolCalls: calls.filter(call => call !== undefined).map(toolCallOf),
        finishReason,
        usage: usageEstimated || !usage ? estimated() : usage,
        usageEstimated,
      }
    },
  }
}

const toolCallOf = ({ callId, tool, text }: { callId: string; tool: string; text: string }): RequestedToolCall => ({
  callId,
  tool,
  arguments: readToolArguments(text),
})
