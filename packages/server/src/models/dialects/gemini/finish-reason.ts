import type { FinishReason } from '../../model-response.ts'

const reasons: Readonly<Record<string, FinishReason>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  LANGUAGE: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  MODEL_ARMOR: 'content-filter',
  IMAGE_SAFETY: 'content-filter',
  IMAGE_PROHIBITED_CONTENT: 'content-filter',
  IMAGE_RECITATION: 'content-filter',
}

/** The values that a client gets who asks for `enum-encoding=int`. */
const numbered = [
  'FINISH_REASON_UNSPECIFIED',
  'STOP',
  'MAX_TOKENS',
  'SAFETY',
  'RECITATION',
  'OTHER',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'MALFORMED_FUNCTION_CALL',
]

/** The model's answer was no good and was thrown away by the provider. */
const failures: ReadonlySet<string> = new Set([
  'MALFORMED_FUNCTION_CALL',
  'UNEXPECTED_TOOL_CALL',
  'TOO_MANY_TOOL_CALLS',
  'MISSING_THOUGHT_SIGNATURE',
  'MALFORMED_RESPONSE',
  'OTHER',
  'NO_IMAGE',
  'IMAGE_OTHER',
])

const wordOf = (reason: string | number): string =>
  typeof reason === 'number' ? (numbered[reason] ?? 'OTHER') : reason

/** A reason that is not known counts as an ordinary end, so that a new word of the provider breaks no run. */
export const readFinishReason = (reason: string | number): FinishReason => reasons[wordOf(reason)] ?? 'stop'

/** Whether the reason stands for a failure of the model, so that an answer without content is none. */
export const meansFailure = (reason: string | number): boolean => failures.has(wordOf(reason))

const written: Readonly<Record<FinishReason, string>> = {
  stop: 'STOP',
  'stop-sequence': 'STOP',
  'tool-calls': 'STOP',
  length: 'MAX_TOKENS',
  'content-filter': 'SAFETY',
  refusal: 'SAFETY',
  pause: 'STOP',
}

export const writeFinishReason = (reason: FinishReason): string => written[reason]
