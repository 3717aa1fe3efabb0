import type { StreamWatch } from '../dialect.ts'
import type { FinishReason } from '../../model-response.ts'
import { dataOf, eventsOf } from '../sse/sse-frames.ts'
import { readFinishReason } from './finish-reason.ts'
import { usageEvent } from './usage.ts'
import { WireAnswer, type WireCandidate } from './wire.ts'

/** Usage stands in every event of this dialect and counts up to that event, so that the last one is read when it is asked for. */
export function watchGeminiStream(): StreamWatch {
  const seen = new Seen()
  let calls = false

  const look = (event: Buffer): void => {
    const data = dataOf(event)
    if (data === '') return
    seen.events++
    const answer = readEvent(data)
    if (!answer) return
    if (answer.error !== undefined && answer.error !== null) seen.error = answer.error
    seen.told = usageEvent(answer.usageMetadata) ?? seen.told
    if (answer.promptFeedback?.blockReason) Object.assign(seen, { finishReason: 'content-filter', content: true })
    for (const { finishReason, content } of answer.candidates ?? []) {
      const parts = content?.parts ?? []
      calls ||= parts.some(({ functionCall }) => functionCall)
      if (parts.some(saysSomething) || finishReason) seen.content = true
      if (finishReason) {
        const reason = readFinishReason(finishReason)
        seen.finishReason = reason === 'stop' && calls ? 'tool-calls' : reason
      }
    }
  }

  return {
    seen,
    pass(block) {
      // Searching is much cheaper than parsing. One byte a character: what is looked for is ASCII.
      const text = block.toString('latin1')
      if (seen.content && seen.finishReason === undefined && !worthReading(text)) {
        seen.events += text.split('data:').length - 1
        calls ||= text.includes('"functionCall"')
        seen.last = block
      } else {
        seen.last = undefined
        for (const event of eventsOf(block)) look(event)
      }
      return block
    },
  }
}

class Seen {
  content = false
  finishReason: FinishReason | undefined
  readonly done = false
  error: unknown
  events = 0
  /** What was said of the usage so far. */
  told: ReturnType<typeof usageEvent>
  /** The last piece of the stream, which was not read. */
  last: Buffer | undefined

  get usage() {
    return this.#toldAtLast()?.usage
  }

  get billing() {
    return this.#toldAtLast()?.billing
  }

  #toldAtLast(): ReturnType<typeof usageEvent> {
    const event = this.last && [...eventsOf(this.last)].at(-1)
    this.last = undefined
    if (event) this.told = usageEvent(readEvent(dataOf(event))?.usageMetadata) ?? this.told
    return this.told
  }
}

/** A key with its quotes cannot stand inside a string, where they would be escaped. */
const worthReading = (text: string): boolean =>
  text.includes('"finishReason"') || text.includes('"error"') || text.includes('"promptFeedback"')

function readEvent(data: string): WireAnswer | undefined {
  try {
    return WireAnswer.safeParse(JSON.parse(data)).data
  } catch {
    return undefined
  }
}

type Parts = NonNullable<NonNullable<WireCandidate['content']>['parts']>

/** Whether a part has more than an empty text. */
const saysSomething = (part: Parts[number]): boolean =>
  Object.entries(part).some(([, value]) => value !== undefined && value !== null && value !== '' && value !== false)
