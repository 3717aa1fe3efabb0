import type { CausewayError } from '@causeway/contracts'
import type { CollectedAnswer } from '../../answer-collector.ts'
import { contentCharacters } from '../../token-estimate.ts'
import type { AnswerHead, StreamWriter } from '../dialect.ts'
import { chatErrorBody } from '../openai-chat/error-body.ts'
import { writeStatus } from './finish-reason.ts'
import { idsOf } from './ids.ts'
import type { WrittenEvent } from './output-items.ts'
import { createOutputWriter } from './output-writer.ts'
import { replay } from './replay.ts'
import { responseObject } from './response-object.ts'
import { writeUsage } from './usage.ts'

/** Writes an answer as the events of a streamed response. */
export function writeResponsesStream(head: AnswerHead, emitted?: CollectedAnswer): StreamWriter {
  const id = emitted?.id ?? idsOf(head).response
  const writer = createOutputWriter(idsOf(head), head.request)
  let number = 0
  if (emitted) {
    for (const event of replay(emitted.content)) writer.write(event)
    number = highestNumber(emitted)
  }

  const send = (...events: WrittenEvent[]): string =>
    events
      .map(event => `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: number++ })}\n\n`)
      .join('')
  const response = () => responseObject(head, { id, status: 'in_progress', output: [] })

  return {
    begin: () =>
      emitted
        ? ''
        : send(
            { type: 'response.created', response: response() },
            { type: 'response.in_progress', response: response() },
          ),
    write: event => send(...writer.write(event)),
    end(answer) {
      const { status, incomplete_details } = writeStatus(answer.finishReason ?? 'stop')
      const last = writer.end(status)
      const usage = writeUsage(answer.usage)
      const whole = responseObject(head, { id, status, incomplete_details, output: writer.output, usage })
      return `${send(...last, { type: `response.${status}`, response: whole })}data: [DONE]\n\n`
    },
    // Some clients look for the failed response, others for the error. Neither takes what it has for a whole answer.
    fail(error: CausewayError) {
      const told = chatErrorBody(error).error
      const failure = { code: failureCode(error), message: told.message }
      const failed = responseObject(head, { id, status: 'failed', output: writer.output, error: failure })
      const { code, message, param } = told
      return send({ type: 'response.failed', response: failed }, { type: 'error', code, message, param, error: told })
    },
  }
}

/** The codes that a failed response may have. Source: https://platform.openai.com/docs/api-reference/responses/object */
function failureCode({ status }: CausewayError): string {
  if (status === 429) return 'rate_limit_exceeded'
  return status >= 500 ? 'server_error' : 'invalid_prompt'
}

/** A number that no event of what was sent can have had: each carried at least one character, or opened or closed a part. */
const highestNumber = ({ content }: CollectedAnswer): number => {
  const eventsAroundPart = 8
  return contentCharacters(content) + eventsAroundPart * (content.length + 1)
}
