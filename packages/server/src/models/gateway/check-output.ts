import { foreignMismatch } from '../../json-schema/index.ts'
import type { CollectedAnswer } from '../answer-collector.ts'
import { textOf } from '../content.ts'
import type { OutputFormat } from '../model-request.ts'

/** Whether an answer fits the schema that was asked for; undefined where that is not to be told. */
export type OutputCheck = { fits: true } | { fits: false; why: string } | undefined

/** An answer that calls tools or declines is none yet, and one that was cut off would be cut off again. */
const whole: ReadonlySet<unknown> = new Set(['stop', 'stop-sequence'])

export function checkOutput(
  { schema }: Extract<OutputFormat, { type: 'json-schema' }>,
  { content, finishReason }: CollectedAnswer,
): OutputCheck {
  if (!whole.has(finishReason) || content.some(({ type }) => type === 'tool-call' || type === 'refusal'))
    return undefined
  let value: unknown
  try {
    value = JSON.parse(textOf(content))
  } catch {
    return { fits: false, why: 'it is no JSON' }
  }
  const why = foreignMismatch(schema, value)
  if (why === undefined) return undefined
  return why === '' ? { fits: true } : { fits: false, why }
}
