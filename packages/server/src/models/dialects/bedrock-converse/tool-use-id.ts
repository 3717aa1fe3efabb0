import { createHash } from 'node:crypto'
import type { ModelFamily } from './model-family.ts'

const allowed = /^[a-zA-Z0-9_-]{1,64}$/
const allowedByMistral = /^[a-zA-Z0-9]{9}$/

/** The id of a tool call as Bedrock takes it. One made elsewhere becomes another, always the same, where it would be refused. */
export function toolUseId(callId: string, family: ModelFamily): string {
  const mistral = family.name === 'mistral'
  if ((mistral ? allowedByMistral : allowed).test(callId)) return callId
  const digest = createHash('sha256').update(callId).digest('hex')
  return mistral ? digest.slice(0, 9) : `call_${digest.slice(0, 32)}`
}
