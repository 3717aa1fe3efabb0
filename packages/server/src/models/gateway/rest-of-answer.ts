import type { CollectedAnswer } from '../answer-collector.ts'
import { textOf } from '../content.ts'
import type { ModelEvent } from '../model-event.ts'
import type { ModelRequest } from '../model-request.ts'
import { ProviderFailure } from '../provider-failure.ts'

/**
 * Whether an answer that broke off can be gone on with: so far it is text and thoughts. A tool call that was begun is
 * not repeated, because the client may have acted on it.
 */
export const canBeContinued = ({ content }: CollectedAnswer): boolean =>
  content.every(({ type }) => type === 'text' || type === 'reasoning')

/** The request with what was said as the last message, for a model that goes on with it. Blanks at the end are refused by some. */
export function withPrefill(request: ModelRequest, emitted: CollectedAnswer): ModelRequest {
  const text = textOf(emitted.content).trimEnd()
  return { ...request, messages: [...request.messages, { role: 'assistant', content: [{ type: 'text', text }] }] }
}

/** What a model says that goes on with a given text. The blanks between the two were sent already when the text ended in some. */
export async function* afterPrefill(
  events: AsyncIterable<ModelEvent>,
  emitted: CollectedAnswer,
): AsyncGenerator<ModelEvent, void> {
  let blanksSent = /\s$/.test(textOf(emitted.content))
  for await (const event of events) {
    if (event.type !== 'text' || !blanksSent) {
      if (isForClient(event)) yield event
      continue
    }
    const text = event.text.trimStart()
    if (!text) continue
    blanksSent = false
    yield { ...event, text }
  }
}

/**
 * The rest of an answer that was begun anew: its begin must be what the client has already.
 * @throws ProviderFailure when it begins otherwise
 */
export async function* afterSameBegin(
  provider: string,
  events: AsyncIterable<ModelEvent>,
  emitted: CollectedAnswer,
): AsyncGenerator<ModelEvent, void> {
  let begin = textOf(emitted.content)
  for await (const event of events) {
    if (begin === '' || event.type === 'usage') {
      if (isForClient(event)) yield event
    } else if (event.type === 'text') {
      const { text } = event
      if (!begin.startsWith(text) && !text.startsWith(begin)) throw otherBegin(provider)
      const rest = text.slice(begin.length)
      begin = begin.slice(text.length)
      if (rest) yield { ...event, text: rest }
    } else if (event.type === 'tool-call' || event.type === 'refusal' || event.type === 'finished')
      throw otherBegin(provider)
  }
}

/** The client has the frame of the answer and the thoughts before its text. */
const isForClient = ({ type }: ModelEvent): boolean =>
  type !== 'started' && type !== 'reasoning' && type !== 'reasoning-state'

const otherBegin = (provider: string): ProviderFailure =>
  new ProviderFailure(
    'provider-failed',
    `The answer broke off, and that of provider "${provider}" begins otherwise than what was sent.`,
    { failureClass: 'request' },
  )
