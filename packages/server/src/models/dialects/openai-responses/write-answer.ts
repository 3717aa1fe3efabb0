import type { CollectedAnswer } from '../../answer-collector.ts'
import type { AnswerHead } from '../dialect.ts'
import { writeStatus } from './finish-reason.ts'
import { idsOf } from './ids.ts'
import { createOutputWriter } from './output-writer.ts'
import { replay } from './replay.ts'
import { responseObject } from './response-object.ts'
import { writeUsage } from './usage.ts'

/** A whole answer as a response. */
export function writeResponsesAnswer(head: AnswerHead, answer: CollectedAnswer): Record<string, unknown> {
  const ids = idsOf(head)
  const { status, incomplete_details } = writeStatus(answer.finishReason ?? 'stop')
  const writer = createOutputWriter(ids, head.request)
  for (const event of replay(answer.content)) writer.write(event)
  writer.end(status)
  const { output } = writer
  return responseObject(head, { id: ids.response, status, incomplete_details, output, usage: writeUsage(answer.usage) })
}
