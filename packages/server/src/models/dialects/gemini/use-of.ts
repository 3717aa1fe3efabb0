import type { AnswerUse } from '../dialect.ts'
import { isRecord, parseMember } from '../head-members.ts'
import { scanObject } from '../json-scan.ts'
import { readFinishReason } from './finish-reason.ts'
import { usageEvent } from './usage.ts'
import { WireUsage } from './wire.ts'

const wanted: ReadonlySet<string> = new Set(['usageMetadata', 'promptFeedback'])

/** What a whole answer tells of its usage, without parsing the rest of it. */
export function useOfGeminiAnswer(body: Buffer): AnswerUse {
  const { usageMetadata, promptFeedback } = membersOf(body)
  const told = usageEvent(WireUsage.safeParse(usageMetadata).data)
  const blocked = isRecord(promptFeedback) && promptFeedback['blockReason'] !== undefined
  return {
    usage: told?.usage,
    billing: told?.billing,
    finishReason: finishReasonIn(body) ?? (blocked ? 'content-filter' : undefined),
  }
}

function membersOf(body: Buffer): { usageMetadata?: unknown; promptFeedback?: unknown } {
  try {
    return Object.fromEntries(scanObject(body, wanted).members.map(member => [member.key, parseMember(body, member)]))
  } catch {
    return {}
  }
}

const key = Buffer.from('"finishReason"')
const calls = Buffer.from('"functionCall"')

/** A key with its quotes cannot stand inside a string, where they would be escaped. */
export function finishReasonIn(body: Buffer): AnswerUse['finishReason'] {
  const at = body.lastIndexOf(key)
  if (at < 0) return undefined
  const [, word, number] = /^\s*:\s*(?:"(\w+)"|(\d+))/.exec(body.toString('latin1', at + key.length, at + 100)) ?? []
  const wire = word ?? (number === undefined ? undefined : Number(number))
  if (wire === undefined) return undefined
  const reason = readFinishReason(wire)
  return reason === 'stop' && body.includes(calls) ? 'tool-calls' : reason
}
