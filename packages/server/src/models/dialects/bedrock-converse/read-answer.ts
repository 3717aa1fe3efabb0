import type { MediaPart } from '../../content.ts'
import type { ModelEvent } from '../../model-event.ts'
import { cutOff } from '../../provider-failure.ts'
import { streamedError } from '../../providers/transport/streamed-error.ts'
import { readCitation } from './citation.ts'
import { finishedEvent } from './finish-reason.ts'
import { readMedia } from './media.ts'
import { redactedState, signatureState } from './reasoning-state.ts'
import { usageEvent } from './usage.ts'
import { WireAnswer, type WireBlock } from './wire.ts'

/** The events of a whole Converse answer. */
export function readConverseAnswer(provider: string, body: unknown): ModelEvent[] {
  const parsed = WireAnswer.safeParse(body)
  if (!parsed.success) throw streamedError(provider, { message: 'the answer could not be read' }, parsed.error)
  const answer = parsed.data
  if (!answer.output?.message) throw cutOff(provider)
  let calls = 0
  const blocks = (answer.output.message.content ?? []).flatMap((block): ModelEvent[] => {
    const events = blockEvents(block, calls)
    if (events[0]?.type === 'tool-call') calls++
    return events
  })
  const usage = usageEvent(answer)
  return [...blocks, ...(usage ? [usage] : []), finishedEvent(answer)]
}

const media: readonly MediaPart['media'][] = ['image', 'audio', 'video', 'document']

function blockEvents(block: WireBlock, index: number): ModelEvent[] {
  const { text, toolUse, reasoningContent, citationsContent } = block
  if (typeof text === 'string') return text ? [{ type: 'text', text }, { type: 'break' }] : []
  if (toolUse && toolUse.type !== 'server_tool_use') {
    const { toolUseId: callId, name: tool, input } = toolUse
    return [
      { type: 'tool-call', index, callId, tool },
      { type: 'tool-arguments', index, text: JSON.stringify(input ?? {}) },
    ]
  }
  if (reasoningContent) return reasoningEvents(reasoningContent)
  if (citationsContent) {
    const cited = (citationsContent.content ?? []).map(piece => piece.text ?? '').join('')
    const citations = (citationsContent.citations ?? []).map(readCitation)
    return [{ type: 'text', text: cited }, { type: 'citations', citations }, { type: 'break' }]
  }
  for (const kind of media) {
    const part = block[kind] && readMedia(kind, block[kind])
    if (part) return [{ type: 'media', part }]
  }
  return [{ type: 'foreign', part: { type: 'foreign', dialect: 'bedrock-converse', value: block } }]
}

function reasoningEvents({ reasoningText, redactedContent }: NonNullable<WireBlock['reasoningContent']>): ModelEvent[] {
  const { text, signature } = reasoningText ?? {}
  return [
    ...(text ? [{ type: 'reasoning', text } as const] : []),
    ...(signature ? [{ type: 'reasoning-state', state: signatureState(signature) } as const] : []),
    ...(redactedContent ? [{ type: 'reasoning-state', state: redactedState(redactedContent) } as const] : []),
    { type: 'break' },
  ]
}
