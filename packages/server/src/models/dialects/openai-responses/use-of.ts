import type { AnswerUse } from '../dialect.ts'
import { parseMember } from '../head-members.ts'
import { scanObject } from '../json-scan.ts'
import { readFinishReason } from './finish-reason.ts'
import { usageEvent } from './usage.ts'
import { WireResponse } from './wire.ts'

const wanted: ReadonlySet<string> = new Set(['usage', 'service_tier', 'status', 'incomplete_details'])

/** What a whole response tells of its usage and its end, without parsing what the model said. */
export function useOfResponse(body: Buffer): AnswerUse {
  try {
    const { members } = scanObject(body, wanted)
    const fields = Object.fromEntries(members.map(member => [member.key, parseMember(body, member)]))
    const response = WireResponse.parse(fields)
    const told = usageEvent(response)
    return { usage: told?.usage, billing: told?.billing, finishReason: readFinishReason(response, seenIn(body)) }
  } catch {
    return { usage: undefined, finishReason: undefined }
  }
}

/** A pair with its quotes cannot stand inside a string, where they would be escaped. */
const seenIn = (body: Buffer) => {
  const text = body.toString('latin1')
  return {
    toolCalls: /"type"\s*:\s*"(?:function_call|custom_tool_call)"/.test(text),
    refusal: /"type"\s*:\s*"refusal"/.test(text),
  }
}
