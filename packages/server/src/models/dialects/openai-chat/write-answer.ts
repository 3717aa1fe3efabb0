import type { CausewayError } from '@causeway/contracts'
import type { CollectedAnswer } from '../../answer-collector.ts'
import { textOf, toolCallsOf, type Citation, type OpaqueState, type ToolCallPart } from '../../content.ts'
import type { FinishReason } from '../../model-response.ts'
import type { ModelEvent } from '../../model-event.ts'
import type { AnswerHead, StreamWriter } from '../dialect.ts'
import { chatErrorBody } from './error-body.ts'
import { writeFinishReason } from './finish-reason.ts'
import { reasoningDetail, reasoningFields } from './reasoning.ts'
import { writeUsage } from './usage.ts'

const idOf = ({ requestId }: AnswerHead): string => `chatcmpl-${requestId}`

/** A whole answer as a `chat.completion` object. */
export function writeChatAnswer(head: AnswerHead, answer: CollectedAnswer): Record<string, unknown> {
  const { content } = answer
  const calls = toolCallsOf(content)
  const text = textOf(content)
  const refusal = content.map(part => (part.type === 'refusal' ? part.text : '')).join('')
  const annotations = content
    .flatMap(part => (part.type === 'text' ? (part.citations ?? []) : []))
    .flatMap(annotationOf)
  return {
    id: idOf(head),
    object: 'chat.completion',
    created: head.created,
    model: head.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text || (calls.length > 0 || refusal ? null : ''),
          refusal: refusal || null,
          ...reasoningFields(content.filter(part => part.type === 'reasoning')),
          ...(annotations.length > 0 && { annotations }),
          ...(calls.length > 0 && { tool_calls: calls.map(writeToolCall) }),
          ...signatureField(content.filter(part => part.type === 'text').findLast(({ state }) => state)),
          ...ownFields(content),
        },
        logprobs: null,
        finish_reason: finishOf(answer.finishReason ?? 'stop', refusal !== ''),
      },
    ],
    usage: writeUsage(answer.usage),
  }
}

/** A refusal is an ordinary end where its words stand in their own field, and has no word of its own where there are none. */
const finishOf = (reason: FinishReason, refused: boolean): string =>
  writeFinishReason(reason === 'refusal' && !refused ? 'content-filter' : reason)

const writeToolCall = ({ callId, tool, arguments: input, state }: ToolCallPart) => ({
  id: callId,
  type: 'function',
  function: { name: tool, arguments: typeof input === 'string' ? input : JSON.stringify(input) },
  ...signatureField({ state }),
})

/** Gemini's signature of a text or a tool call stands where its own compatible server puts it. */
const signatureField = (part: { state?: OpaqueState | undefined } | undefined) =>
  part?.state?.dialect === 'gemini' ? { extra_content: { google: { thought_signature: part.state.value } } } : {}

const ownFields = (content: CollectedAnswer['content']): Record<string, unknown> =>
  Object.assign(
    {},
    ...content.map(part => (part.type === 'foreign' && part.dialect === 'openai-chat' ? part.value : undefined)),
  )

function annotationOf({ dialect, url, title, value }: Citation): unknown[] {
  if (dialect === 'openai-chat') return [value]
  if (!url) return []
  return [{ type: 'url_citation', url_citation: { url, title: title ?? '', start_index: 0, end_index: 0 } }]
}

const event = (data: object): string => `data: ${JSON.stringify(data)}\n\n`

/** Writes events as `chat.completion.chunk` objects. */
export function writeChatStream(head: AnswerHead, emitted?: CollectedAnswer): StreamWriter {
  const wantsUsage = includesUsage(head.request)
  const id = emitted?.id ?? idOf(head)
  let refused = false
  const earlierCalls = emitted ? toolCallsOf(emitted.content).length : 0
  const chunk = (choices: object[], more: object = {}): string =>
    event({
      id,
      object: 'chat.completion.chunk',
      created: head.created,
      model: head.model,
      choices,
      ...(wantsUsage && { usage: null }),
      ...more,
    })
  const delta = (fields: object, finishReason: string | null = null): string =>
    chunk([{ index: 0, delta: fields, logprobs: null, finish_reason: finishReason }])

  return {
    begin: () => (emitted ? '' : delta({ role: 'assistant', content: '' })),
    write(step: ModelEvent) {
      switch (step.type) {
        case 'text':
          return delta({ content: step.text, ...signatureField(step) })
        case 'reasoning':
          return delta({ reasoning_content: step.text })
        case 'reasoning-state': {
          const { id: partId, state } = step
          const part = { type: 'reasoning', text: '', ...(partId && { id: partId }), ...(state && { state }) } as const
          return state ? delta({ reasoning_details: [reasoningDetail(part)] }) : ''
        }
        case 'refusal':
          refused = true
          return delta({ refusal: step.text })
        case 'citations': {
          const annotations = step.citations.flatMap(annotationOf)
          return annotations.length > 0 ? delta({ annotations }) : ''
        }
        case 'tool-call': {
          const { index, callId, tool, state } = step
          const call = {
            id: callId,
            type: 'function',
            function: { name: tool, arguments: '' },
            ...signatureField({ state }),
          }
          return delta({ tool_calls: [{ index: index + earlierCalls, ...call }] })
        }
        case 'tool-arguments':
          return delta({ tool_calls: [{ index: step.index + earlierCalls, function: { arguments: step.text } }] })
        case 'foreign':
          return step.part.dialect === 'openai-chat' ? delta(step.part.value as object) : ''
        case 'finished':
          return delta({}, finishOf(step.reason, refused))
        case 'started':
        case 'media':
        case 'break':
        case 'usage':
          return ''
      }
    },
    end: answer => `${wantsUsage ? chunk([], { usage: writeUsage(answer.usage) }) : ''}data: [DONE]\n\n`,
    // A stream that ends so has no `[DONE]`, so that nobody takes it for a whole answer.
    fail: (error: CausewayError) => event(chatErrorBody(error)),
  }
}

function includesUsage({ stream_options: options }: Record<string, unknown>): boolean {
  return typeof options === 'object' && options !== null && 'include_usage' in options && options.include_usage === true
}
