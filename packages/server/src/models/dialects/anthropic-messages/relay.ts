import * as z from 'zod'
import type { AnswerUse, RelayReader, StreamWatch } from '../dialect.ts'
import { parseMember } from '../head-members.ts'
import { scanObject } from '../json-scan.ts'
import { dataOf, eventsOf } from '../sse/sse-frames.ts'
import { readStopReason } from './stop-reason.ts'
import { mergeUsage, readBilling, readUsage, WireUsage } from './usage.ts'

const wanted: ReadonlySet<string> = new Set(['usage', 'stop_reason'])

/** What a whole message tells of its usage and end, without parsing the rest of it. */
function useOf(body: Buffer): AnswerUse {
  try {
    const { members } = scanObject(body, wanted)
    const fields = new Map(members.map(member => [member.key, parseMember(body, member)]))
    const usage = WireUsage.safeParse(fields.get('usage')).data
    const reason = fields.get('stop_reason')
    return {
      usage: usage && readUsage(usage),
      ...(usage && readBilling(usage)),
      finishReason: typeof reason === 'string' ? readStopReason(reason) : undefined,
    }
  } catch {
    return { usage: undefined, finishReason: undefined }
  }
}

const optional = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().catch(undefined)
const WireEvent = z.looseObject({
  type: z.string(),
  message: optional(z.looseObject({ usage: optional(WireUsage) })),
  usage: optional(WireUsage),
  delta: optional(z.looseObject({ stop_reason: optional(z.string()) })),
  content_block: optional(z.looseObject({ type: optional(z.string()) })),
})

/** Blocks that say something only by their pieces. */
const emptyAtFirst: ReadonlySet<string | null | undefined> = new Set(['text', 'thinking'])

function watch(): StreamWatch {
  const seen: StreamWatch['seen'] = {
    content: false,
    finishReason: undefined,
    done: false,
    error: undefined,
    usage: undefined,
    billing: undefined,
    events: 0,
  }
  let usage: WireUsage = {}
  const note = (more: WireUsage | null | undefined): void => {
    if (!more) return
    usage = mergeUsage(usage, more)
    Object.assign(seen, { usage: readUsage(usage), ...readBilling(usage) })
  }

  const look = (event: Buffer): void => {
    const data = dataOf(event)
    if (data === '') return
    const parsed = readEvent(data)
    switch (parsed?.type) {
      case 'message_start':
        note(parsed.message?.usage)
        break
      case 'content_block_start':
        if (!emptyAtFirst.has(parsed.content_block?.type)) seen.content = true
        break
      case 'content_block_delta':
        seen.content = true
        seen.events++
        break
      case 'message_delta':
        note(parsed.usage)
        if (parsed.delta?.stop_reason) {
          seen.content = true
          seen.finishReason = readStopReason(parsed.delta.stop_reason)
        }
        break
      case 'message_stop':
        seen.done = true
        break
      case 'error':
        seen.error = parsed['error'] ?? parsed
        break
      case undefined:
        break
    }
  }

  return {
    seen,
    pass(block) {
      if (seen.content) {
        // One byte a character: what is looked for is ASCII, and searching a string is faster than searching bytes.
        const text = block.toString('latin1')
        if (!worthReading.test(text)) {
          seen.events += text.split('data:').length - 1
          return block
        }
      }
      for (const event of eventsOf(block)) look(event)
      return block
    },
  }
}

/** A token with its quotes cannot stand inside a string, where they would be escaped: so these are found without parsing. */
const worthReading = /"(?:message_delta|message_stop|error)"/

function readEvent(data: string): z.infer<typeof WireEvent> | undefined {
  try {
    return WireEvent.safeParse(JSON.parse(data)).data
  } catch {
    return undefined
  }
}

/** Watches a message that is handed on unread. */
export const messagesRelay: RelayReader = { useOf, watch }
