import type { StreamWatch } from '../dialect.ts'
import { dataOf, eventsOf } from '../sse/sse-frames.ts'
import { readFinishReason } from './finish-reason.ts'
import { usageEvent } from './usage.ts'
import { WireEvent } from './wire.ts'

/** Watches a streamed response that goes by. All of it is the client's. */
export function watchResponsesStream(): StreamWatch {
  const seen: StreamWatch['seen'] = {
    content: false,
    finishReason: undefined,
    done: false,
    error: undefined,
    usage: undefined,
    billing: undefined,
    events: 0,
  }
  const inAnswer = { toolCalls: false, refusal: false }

  const look = (event: Buffer): void => {
    const data = dataOf(event)
    if (data === '' || data === '[DONE]') return
    const read = readEvent(data)
    if (!read) return
    const { type, response, item } = read
    if (item?.type === 'function_call' || item?.type === 'custom_tool_call') inAnswer.toolCalls = true
    if (type.startsWith('response.refusal.')) inAnswer.refusal = true
    if (saysSomething(read)) {
      seen.content = true
      seen.events++
    }
    if (type === 'error' || type === 'response.failed' || type === 'response.cancelled')
      seen.error = read['error'] ?? response?.error ?? read
    if (!response || (type !== 'response.completed' && type !== 'response.incomplete')) return
    seen.content = true
    seen.done = true
    for (const { type: kind } of response.output ?? [])
      if (kind === 'function_call' || kind === 'custom_tool_call') inAnswer.toolCalls = true
    seen.finishReason = readFinishReason(response, inAnswer)
    const told = usageEvent(response)
    if (told) Object.assign(seen, { usage: told.usage, billing: told.billing })
  }

  return {
    seen,
    pass(block) {
      if (seen.content) {
        // One byte a character: what is looked for is ASCII, and searching a string is faster than searching bytes.
        const text = block.toString('latin1')
        if (!worthReading.test(text)) {
          seen.events += text.match(/"delta"/g)?.length ?? 0
          return block
        }
      }
      for (const event of eventsOf(block)) look(event)
      return block
    },
  }
}

/** A pair with its quotes cannot stand inside a string, where they would be escaped. */
const worthReading =
  /"type"\s*:\s*"(?:error|function_call|custom_tool_call|response\.(?:refusal\.done|completed|incomplete|failed|cancelled))"/

function readEvent(data: string): WireEvent | undefined {
  try {
    return WireEvent.safeParse(JSON.parse(data)).data
  } catch {
    return undefined
  }
}

/** Whether a client could show something of an event; a message or thoughts that have only begun are nothing yet. */
function saysSomething({ type, item, delta }: WireEvent): boolean {
  if (type === 'response.output_item.added') return item?.type !== 'message' && item?.type !== 'reasoning'
  return type === 'response.output_item.done' || (type.endsWith('.delta') && delta !== '')
}
