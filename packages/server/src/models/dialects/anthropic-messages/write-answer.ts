import type { CausewayError } from '@causeway/contracts'
import type { CollectedAnswer } from '../../answer-collector.ts'
import type { Citation, OpaqueState, OutputPart, ReasoningPart } from '../../content.ts'
import type { ModelEvent } from '../../model-event.ts'
import type { AnswerHead, StreamWriter } from '../dialect.ts'
import { messagesErrorBody } from './error-body.ts'
import { writeStopReason } from './stop-reason.ts'
import { thinkingBlock } from './thinking.ts'
import { writeUsage } from './usage.ts'

type Block = Record<string, unknown>

const idOf = ({ requestId }: AnswerHead): string => `msg_${requestId.replaceAll('-', '')}`

/** A whole answer as a message. */
export function writeMessagesAnswer(head: AnswerHead, answer: CollectedAnswer): Record<string, unknown> {
  return {
    id: idOf(head),
    type: 'message',
    role: 'assistant',
    model: head.model,
    content: answer.content.flatMap(writeBlocks),
    stop_reason: writeStopReason(answer.finishReason ?? 'stop'),
    stop_sequence: answer.stopSequence ?? null,
    usage: writeUsage(answer.usage),
  }
}

function writeBlocks(part: OutputPart): Block[] {
  switch (part.type) {
    case 'text': {
      const citations = (part.citations ?? []).flatMap(writeCitation)
      if (!part.text && citations.length === 0) return []
      const text = { type: 'text', text: part.text, ...(citations.length > 0 && { citations }) }
      return part.state ? [text, signatureBlock(part.state)] : [text]
    }
    case 'refusal':
      return [{ type: 'text', text: part.text }]
    case 'reasoning':
      return [thinkingBlock(part)]
    case 'tool-call': {
      const { callId, tool, arguments: input, state } = part
      const call = {
        type: 'tool_use',
        id: callId,
        name: tool,
        input: typeof input === 'string' ? { invalid: input } : input,
      }
      return state ? [signatureBlock(state), call] : [call]
    }
    case 'foreign':
      return part.dialect === 'anthropic-messages' ? [part.value as Block] : []
    case 'media':
      // Answers are text in this dialect.
      return []
  }
}

/** Another provider's signature of a text or a tool call: the dialect has a field for one only in thoughts. */
const signatureBlock = (state: OpaqueState): Block => thinkingBlock({ type: 'reasoning', text: '', state })

function writeCitation({ dialect, url, title, citedText, value }: Citation): unknown[] {
  if (dialect === 'anthropic-messages') return [value]
  if (!url) return []
  return [
    { type: 'web_search_result_location', url, title: title ?? null, cited_text: citedText ?? '', encrypted_index: '' },
  ]
}

const event = (data: { type: string } & Record<string, unknown>): string =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`

type OpenBlock = { kind: 'text' | 'thinking' } | { kind: 'call'; index: number }

/** Writes events as those of a streamed message. */
export function writeMessagesStream(head: AnswerHead, emitted?: CollectedAnswer): StreamWriter {
  const writtenBefore = emitted ? emitted.content.flatMap(writeBlocks).length : 0
  const last = emitted?.content.at(-1)
  let open: OpenBlock | undefined = last?.type === 'text' ? { kind: 'text' } : undefined
  let index = writtenBefore - 1

  const close = (): string => {
    if (!open) return ''
    open = undefined
    return event({ type: 'content_block_stop', index })
  }
  const begin = (block: Block, as: OpenBlock): string => {
    const closed = close()
    index++
    open = as
    return closed + event({ type: 'content_block_start', index, content_block: block })
  }
  const delta = (fields: Block): string => event({ type: 'content_block_delta', index, delta: fields })
  const text = (piece: string): string => {
    const begun = open?.kind === 'text' ? '' : begin({ type: 'text', text: '' }, { kind: 'text' })
    return begun + delta({ type: 'text_delta', text: piece })
  }
  const whole = (block: Block): string => {
    const begun = begin(block, { kind: 'text' })
    return begun + close()
  }
  const thinking = (): string =>
    open?.kind === 'thinking' ? '' : begin({ type: 'thinking', thinking: '', signature: '' }, { kind: 'thinking' })
  const state = (given: OpaqueState): string => {
    const block = thinkingBlock({ type: 'reasoning', text: '', state: given } satisfies ReasoningPart)
    if (block['type'] === 'redacted_thinking') return whole(block)
    return thinking() + delta({ type: 'signature_delta', signature: block['signature'] })
  }

  return {
    begin: () => (emitted ? '' : messageStart(head)),
    write(step: ModelEvent) {
      switch (step.type) {
        case 'text':
          return (step.text ? text(step.text) : '') + (step.state ? state(step.state) : '')
        case 'refusal':
          return text(step.text)
        case 'reasoning':
          return thinking() + delta({ type: 'thinking_delta', thinking: step.text })
        case 'reasoning-state':
          return step.state ? state(step.state) : ''
        case 'citations': {
          const citations = step.citations.flatMap(writeCitation)
          const begun = open?.kind === 'text' ? '' : begin({ type: 'text', text: '' }, { kind: 'text' })
          return begun + citations.map(citation => delta({ type: 'citations_delta', citation })).join('')
        }
        case 'tool-call': {
          const signed = step.state ? state(step.state) : ''
          const block = { type: 'tool_use', id: step.callId, name: step.tool, input: {} }
          return signed + begin(block, { kind: 'call', index: step.index })
        }
        case 'tool-arguments':
          // Blocks follow each other in this dialect, so pieces of a call that has ended have no place. Providers do not mix calls.
          return open?.kind === 'call' && open.index === step.index
            ? delta({ type: 'input_json_delta', partial_json: step.text })
            : ''
        case 'foreign':
          return step.part.dialect === 'anthropic-messages' ? whole(step.part.value as Block) : ''
        case 'break':
          return open?.kind === 'call' ? '' : close()
        case 'started':
        case 'media':
        case 'usage':
        case 'finished':
          return ''
      }
    },
    end: answer =>
      close() +
      event({
        type: 'message_delta',
        delta: {
          stop_reason: writeStopReason(answer.finishReason ?? 'stop'),
          stop_sequence: answer.stopSequence ?? null,
        },
        usage: writeUsage(answer.usage),
      }) +
      event({ type: 'message_stop' }),
    // Without message_stop nobody takes the message for whole.
    fail: (error: CausewayError) => event({ ...messagesErrorBody(error, head.requestId), type: 'error' }),
  }
}

const messageStart = (head: AnswerHead): string =>
  event({
    type: 'message_start',
    message: {
      id: idOf(head),
      type: 'message',
      role: 'assistant',
      model: head.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 0 },
    },
  })
