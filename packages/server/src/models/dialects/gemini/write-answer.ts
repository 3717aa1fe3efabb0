import type { CollectedAnswer } from '../../answer-collector.ts'
import type { OutputPart } from '../../content.ts'
import type { AnswerHead } from '../dialect.ts'
import { groundingFields } from './citations.ts'
import { writeFinishReason } from './finish-reason.ts'
import { readForeign } from './foreign-value.ts'
import { writeMedia } from './media.ts'
import { signatureField } from './signature.ts'
import { writeUsage } from './usage.ts'
import { writeCall } from './write-contents.ts'

type Fields = Record<string, unknown>

/** A whole answer as a GenerateContentResponse. */
export function writeGeminiAnswer(head: AnswerHead, answer: CollectedAnswer): Fields {
  return writeLast(head, answer, answer.content.flatMap(writePart))
}

/** A part of an answer; nothing for what stands beside the parts. */
export function writePart(part: OutputPart): Fields[] {
  switch (part.type) {
    case 'text':
      return part.text || part.state ? [{ text: part.text, ...signatureField(part.state) }] : []
    case 'reasoning':
      return part.text || part.state ? [{ text: part.text, thought: true, ...signatureField(part.state) }] : []
    case 'tool-call':
      return [{ functionCall: writeCall(part), ...signatureField(part.state) }]
    case 'media': {
      const media = writeMedia(part)
      return media ? [{ ...media, ...signatureField(part.state) }] : []
    }
    case 'foreign': {
      const { part: own } = readForeign(part)
      return own ? [own] : []
    }
    case 'refusal':
      return []
  }
}

/** One event of a stream before its end. */
export const writePiece = (head: AnswerHead, parts: readonly Fields[]): Fields => ({
  candidates: [{ content: { parts, role: 'model' }, index: 0 }],
  ...about(head),
})

/** The answer, or the last event of one that is streamed, with all that stands beside its parts. */
export function writeLast(head: AnswerHead, answer: CollectedAnswer, parts: readonly Fields[]): Fields {
  const { content, usage, finishReason = 'stop' } = answer
  const foreign = content.flatMap(part => (part.type === 'foreign' ? [readForeign(part)] : []))
  const around: Fields = Object.assign({}, ...foreign.map(value => value.answer))
  const citations = content.flatMap(part => (part.type === 'text' ? (part.citations ?? []) : []))
  const refusal = content.map(part => (part.type === 'refusal' ? part.text : '')).join('')
  const candidate = {
    content: { parts, role: 'model' },
    finishReason: writeFinishReason(finishReason),
    // The dialect has no other place for the words of a refusal.
    ...(refusal && { finishMessage: refusal }),
    index: 0,
    ...groundingFields(citations),
    ...(Object.assign({}, ...foreign.map(value => value.candidate)) as Fields),
  }
  const refused =
    around['promptFeedback'] !== undefined && content.every(part => part.type === 'foreign' || part.type === 'refusal')
  return {
    ...(!refused && { candidates: [candidate] }),
    ...around,
    usageMetadata: writeUsage(usage),
    ...about(head),
  }
}

const about = ({ model, requestId }: AnswerHead): Fields => ({ modelVersion: model, responseId: requestId })
