import type { StreamWatch } from '../dialect.ts'
import { dataOf, eventsOf } from '../sse/sse-frames.ts'
import { readFinishReason } from './finish-reason.ts'
import { usageEvent } from './usage.ts'
import { WireAnswer } from './wire.ts'

/** @param options.hideUsage the client did not ask for the chunk that has only the usage. */
export function watchChatStream({ hideUsage }: { hideUsage: boolean }): StreamWatch {
  const seen: StreamWatch['seen'] = {
    content: false,
    finishReason: undefined,
    done: false,
    error: undefined,
    usage: undefined,
    billing: undefined,
    events: 0,
  }

  /** Whether the client is to have the event. */
  const look = (event: Buffer): boolean => {
    const data = dataOf(event)
    if (data === '') return true
    if (data === '[DONE]') {
      seen.done = true
      // A stream that reported an error must not look as if it had ended well.
      return seen.error === undefined
    }
    seen.events++
    const chunk = readChunk(data)
    if (!chunk) return true
    if (chunk.error !== undefined && chunk.error !== null) seen.error = chunk.error
    const told = usageEvent(chunk)
    if (told) Object.assign(seen, { usage: told.usage, billing: told.billing })
    const choices = chunk.choices ?? []
    for (const { delta, finish_reason: reason } of choices) {
      if (reason) seen.finishReason = readFinishReason(reason)
      if (reason || saysSomething(delta)) seen.content = true
    }
    return !(hideUsage && chunk.usage && choices.length === 0)
  }

  return {
    seen,
    pass(block) {
      if (seen.content) {
        // One byte a character: what is looked for is ASCII, and searching a string is faster than searching bytes.
        const text = block.toString('latin1')
        if (!worthReading(text)) {
          seen.events += occurrences(text, 'data:')
          return block
        }
      }
      const events = [...eventsOf(block)]
      const passed = events.filter(look)
      return passed.length === events.length ? block : Buffer.concat(passed)
    },
  }
}

/** A token with its quotes cannot stand inside a string, where they would be escaped: so these are found without parsing. */
const worthReading = (text: string): boolean =>
  text.includes('[DONE]') ||
  text.includes('"error"') ||
  hasValue(text, '"usage"', '{') ||
  hasValue(text, '"finish_reason"', '"')

/** Whether a key stands somewhere before a value that begins with this character. */
function hasValue(text: string, key: string, first: string): boolean {
  for (let at = text.indexOf(key); at >= 0; at = text.indexOf(key, at)) {
    at += key.length
    while (text[at] === ' ' || text[at] === ':') at++
    if (text[at] === first) return true
  }
  return false
}

function occurrences(text: string, part: string): number {
  let count = 0
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++
  return count
}

function readChunk(data: string): WireAnswer | undefined {
  try {
    return WireAnswer.safeParse(JSON.parse(data)).data
  } catch {
    return undefined
  }
}

/** Whether a delta has more than the role that opens every answer. Fields that are not known here count too. */
const saysSomething = (delta: object | null | undefined): boolean =>
  Object.entries(delta ?? {}).some(
    ([key, value]) => key !== 'role' && value !== null && value !== undefined && value !== '' && !isEmptyList(value),
  )

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0
