import type { RequestedToolCall, TokenUsage } from '@causeway/contracts'
import type { CollectedAnswer } from '../../answer-collector.ts'
import type { ModelEvent } from '../../model-event.ts'
import { writeFinishReason } from './finish-reason.ts'
import { writeUsage } from './usage.ts'

/** What is the same in all parts of one answer. */
export interface AnswerHead {
  id: string
  /** Seconds since 1970. */
  created: number
  model: string
}

/** A whole answer as a `chat.completion` object. */
export const chatCompletion = (head: AnswerHead, answer: CollectedAnswer): Record<string, unknown> => ({
  id: head.id,
  object: 'chat.completion',
  created: head.created,
  model: head.model,
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content: answer.text || (answer.toolCalls.length > 0 ? null : ''),
        refusal: null,
        ...(answer.toolCalls.length > 0 && { tool_calls: answer.toolCalls.map(wireToolCall) }),
      },
      logprobs: null,
      finish_reason: writeFinishReason(answer.finishReason ?? 'stop'),
    },
  ],
  usage: writeUsage(answer.usage),
})

const wireToolCall = ({ callId, tool, arguments: input }: RequestedToolCall) => ({
  id: callId,
  type: 'function',
  function: { name: tool, arguments: typeof input === 'string' ? input : JSON.stringify(input) },
})

type Chunk = Record<string, unknown>

/** Turns events into `chat.completion.chunk` objects. */
export function chatChunks(head: AnswerHead, { includeUsage }: { includeUsage: boolean }) {
  const chunk = (delta: object, finishReason: string | null = null): Chunk => ({
    id: head.id,
    object: 'chat.completion.chunk',
    created: head.created,
    model: head.model,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
    ...(includeUsage && { usage: null }),
  })
  return {
    first: (): Chunk => chunk({ role: 'assistant', content: '' }),
    /** The chunk for an event, or undefined where the dialect has none. */
    of(event: ModelEvent): Chunk | undefined {
      switch (event.type) {
        case 'text':
          return chunk({ content: event.text })
        case 'tool-call': {
          const { index, callId, tool } = event
          return chunk({
            tool_calls: [{ index, id: callId, type: 'function', function: { name: tool, arguments: '' } }],
          })
        }
        case 'tool-arguments':
          return chunk({ tool_calls: [{ index: event.index, function: { arguments: event.text } }] })
        case 'finished':
          return chunk({}, writeFinishReason(event.reason))
        case 'usage':
          return undefined
      }
    },
    /** The last chunk, for clients that asked for usage. */
    usage: (usage: TokenUsage): Chunk => ({ ...chunk({}), choices: [], usage: writeUsage(usage) }),
  }
}
