import type { CausewayError } from '@causeway/contracts'
import type { CollectedAnswer } from '../../answer-collector.ts'
import type { ToolCallPart } from '../../content.ts'
import type { ModelEvent } from '../../model-event.ts'
import { readToolArguments } from '../../tool-arguments.ts'
import type { AnswerHead, StreamWriter } from '../dialect.ts'
import { geminiErrorBody } from './error-body.ts'
import { writeLast, writePart, writePiece } from './write-answer.ts'

interface OpenCall {
  part: ToolCallPart
  pieces: string[]
}

/**
 * Writes events as a stream of GenerateContentResponse objects. Calls of tools stand whole in one event, because the
 * dialect's clients know nothing else.
 */
export function writeGeminiStream(head: AnswerHead, emitted?: CollectedAnswer): StreamWriter {
  const own = emitted?.id ? { ...head, requestId: emitted.id } : head
  const open = new Map<number, OpenCall>()

  const piece = (parts: Record<string, unknown>[]): string => (parts.length > 0 ? event(writePiece(own, parts)) : '')
  const endCalls = (): string => {
    const parts = [...open.values()].flatMap(({ part, pieces }) =>
      writePart({ ...part, arguments: readToolArguments(pieces.join('')) }),
    )
    open.clear()
    return piece(parts)
  }

  return {
    begin: () => '',
    write(step: ModelEvent) {
      switch (step.type) {
        case 'text': {
          const { text, state } = step
          return endCalls() + piece(writePart({ type: 'text', text, ...(state && { state }) }))
        }
        case 'reasoning':
          return endCalls() + piece(writePart({ type: 'reasoning', text: step.text }))
        case 'reasoning-state': {
          const { state } = step
          return state ? endCalls() + piece(writePart({ type: 'reasoning', text: '', state })) : ''
        }
        case 'tool-call': {
          const { index, callId, tool, state } = step
          const part = { type: 'tool-call', callId, tool, arguments: {}, ...(state && { state }) } as const
          open.set(index, { part, pieces: [] })
          return ''
        }
        case 'tool-arguments':
          open.get(step.index)?.pieces.push(step.text)
          return ''
        case 'media':
        case 'foreign':
          return endCalls() + piece(writePart(step.part))
        case 'finished':
          return endCalls()
        // These stand in the last event.
        case 'citations':
        case 'refusal':
        case 'usage':
        case 'started':
        case 'break':
          return ''
      }
    },
    end: answer => event(writeLast(own, answer, [])),
    fail: (error: CausewayError) => event(geminiErrorBody(error, head.requestId)),
  }
}

const event = (data: object): string => `data: ${JSON.stringify(data)}\r\n\r\n`
