import type { AnswerUse } from '../dialect.ts'
import { parseMember } from '../head-members.ts'
import { scanObject } from '../json-scan.ts'
import { readFinishReason } from './finish-reason.ts'
import { usageEvent } from './usage.ts'
import { WireAnswer } from './wire.ts'

const wanted: ReadonlySet<string> = new Set(['usage', 'service_tier'])

/** What a whole chat completion tells of its usage, without parsing the rest of it. */
export function useOfChatAnswer(body: Buffer): AnswerUse {
  const told = toldIn(body)
  const reason = finishReasonIn(body)
  return {
    usage: told?.usage,
    billing: told?.billing,
    finishReason: reason === undefined ? undefined : readFinishReason(reason),
  }
}

function toldIn(body: Buffer) {
  try {
    const { members } = scanObject(body, wanted)
    const fields = Object.fromEntries(members.map(member => [member.key, parseMember(body, member)]))
    return usageEvent(WireAnswer.parse(fields))
  } catch {
    return undefined
  }
}

const key = Buffer.from('"finish_reason"')

/** A key with its quotes cannot stand inside a string, where they would be escaped. The last one is that of the last choice. */
function finishReasonIn(body: Buffer): string | undefined {
  const at = body.lastIndexOf(key)
  if (at < 0) return undefined
  return /^\s*:\s*"(\w+)"/.exec(body.toString('latin1', at + key.length, at + key.length + 100))?.[1]
}
