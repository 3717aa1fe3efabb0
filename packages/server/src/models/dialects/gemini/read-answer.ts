import type { ModelEvent } from '../../model-event.ts'
import { cutOff } from '../../provider-failure.ts'
import { streamedError } from '../../providers/transport/streamed-error.ts'
import { createCallReader } from './call-reader.ts'
import { citationsOf } from './citations.ts'
import { meansFailure, readFinishReason } from './finish-reason.ts'
import { foreignPart } from './foreign-value.ts'
import { readFileData, readInlineData } from './media.ts'
import { readStreamedAnswers } from './read-streamed-answers.ts'
import { readSignature } from './signature.ts'
import { usageEvent } from './usage.ts'
import { WireAnswer, type WireCandidate, type WirePart } from './wire.ts'

/** The events of a streamed answer. Candidates after the first are not read. */
export async function* readGeminiStream(
  provider: string,
  body: AsyncIterable<Buffer>,
): AsyncGenerator<ModelEvent, void> {
  const reader = createAnswerReader(provider)
  for await (const text of readStreamedAnswers(provider, body)) {
    const answer = parseAnswer(text)
    if (!answer) throw streamedError(provider, { message: 'an event of the stream could not be read' })
    yield* reader.read(answer)
  }
  yield* reader.finish()
}

/** The events of a whole answer. */
export function readGeminiAnswer(provider: string, body: unknown): ModelEvent[] {
  const parsed = WireAnswer.safeParse(body)
  if (!parsed.success) throw streamedError(provider, { message: 'the answer could not be read' }, parsed.error)
  const reader = createAnswerReader(provider)
  const events = [...reader.read(parsed.data), ...reader.finish()]
  if (events.at(-1)?.type !== 'finished') throw cutOff(provider)
  return events
}

function parseAnswer(text: string): WireAnswer | undefined {
  try {
    return WireAnswer.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** Fields of a candidate that are read here; all others are kept for clients of this dialect. */
const readFields: ReadonlySet<string> = new Set(['index', 'content', 'finishReason', 'finishMessage'])

/** Reads answers, or the pieces of one, in their order. */
function createAnswerReader(provider: string) {
  const calls = createCallReader()
  let started = false
  let said = false
  let answerId: string | undefined
  let finished: string | number | undefined
  let finishMessage: string | undefined
  let blocked: WireAnswer['promptFeedback']
  const beside: Record<string, unknown> = {}
  const cited = new Set<string>()

  function* readPart(part: WirePart): Generator<ModelEvent, void> {
    const { thought, thoughtSignature, inlineData, fileData, functionCall } = part
    const state = thoughtSignature ? readSignature(thoughtSignature) : undefined
    if (functionCall) {
      yield* calls.read(functionCall, state, answerId)
    } else if (thought && typeof part.text === 'string') {
      if (part.text) yield { type: 'reasoning', text: part.text }
      if (state) yield* [{ type: 'reasoning-state', state } as const, { type: 'break' } as const]
    } else if ((inlineData || fileData) && !thought) {
      const media = inlineData ? readInlineData(inlineData) : fileData && readFileData(fileData)
      if (media) yield { type: 'media', part: { ...media, ...(state && { state }) } }
    } else if (isText(part)) {
      if (part.text || state) yield { type: 'text', text: part.text ?? '', ...(state && { state }) }
      // A signature ends its part, because the next text may have one of its own.
      if (state) yield { type: 'break' }
    } else {
      yield { type: 'foreign', part: foreignPart({ part }) }
    }
  }

  function* readCandidate(candidate: WireCandidate): Generator<ModelEvent, void> {
    for (const part of candidate.content?.parts ?? []) {
      for (const event of readPart(part)) {
        said ||= event.type !== 'reasoning' && event.type !== 'reasoning-state' && event.type !== 'break'
        yield event
      }
    }
    const citations = [...citationsOf(candidate)].filter(({ value }) => {
      // Some streams repeat with every event what they have found so far.
      const key = JSON.stringify(value)
      return !cited.has(key) && cited.add(key)
    })
    if (citations.length > 0) yield { type: 'citations', citations }
    for (const [field, value] of Object.entries(candidate))
      if (!readFields.has(field) && value !== undefined) beside[field] = value
    finished = candidate.finishReason ?? finished
    finishMessage = candidate.finishMessage ?? finishMessage
  }

  return {
    *read(answer: WireAnswer): Generator<ModelEvent, void> {
      if (answer.error !== undefined && answer.error !== null) throw streamedError(provider, answer.error)
      answerId ??= answer.responseId ?? undefined
      if (!started) yield startedEvent(answer)
      started = true
      const usage = usageEvent(answer.usageMetadata)
      if (usage) yield usage
      if (answer.promptFeedback?.blockReason) blocked = answer.promptFeedback
      const candidate = answer.candidates?.find(({ index }) => (index ?? 0) === 0)
      if (candidate) yield* readCandidate(candidate)
    },

    /** Nothing is yielded for an answer that has no end. */
    *finish(): Generator<ModelEvent, void> {
      if (finished === undefined && !blocked) return
      yield* calls.finish()
      if (finished !== undefined && !said && meansFailure(finished))
        throw streamedError(provider, { message: finishMessage ? `${finished}: ${finishMessage}` : String(finished) })
      if (Object.keys(beside).length > 0) yield { type: 'foreign', part: foreignPart({ candidate: beside }) }
      if (blocked) yield { type: 'foreign', part: foreignPart({ answer: { promptFeedback: blocked } }) }
      const reason = finished === undefined ? 'content-filter' : readFinishReason(finished)
      const why = blocked?.blockReasonMessage ?? (reason === 'content-filter' ? finishMessage : undefined)
      if (why) yield { type: 'refusal', text: why }
      yield { type: 'finished', reason: reason === 'stop' && calls.count() > 0 ? 'tool-calls' : reason }
    },
  }
}

const startedEvent = ({ responseId, modelVersion }: WireAnswer): ModelEvent => ({
  type: 'started',
  ...(responseId && { id: responseId }),
  ...(modelVersion && { model: modelVersion }),
})

/** A part with nothing but a text, or with nothing but a signature. */
const isText = ({ text, thought, thoughtSignature, ...others }: WirePart): boolean =>
  !thought &&
  (typeof text === 'string' || thoughtSignature !== undefined) &&
  Object.values(others).every(value => value === undefined || value === null)
