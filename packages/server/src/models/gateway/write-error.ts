import type { ServerResponse } from 'node:http'
import type { CausewayError } from '@causeway/contracts'
import { chatErrorBody } from '../dialects/openai-chat/write-error.ts'
import { ProviderFailure } from '../provider-failure.ts'

/**
 * Ends a response with an error: as a status while nothing was sent, as the last event of a stream after that.
 * A stream that ends so has no `[DONE]`, so that nobody takes it for a whole answer.
 */
export function writeError(response: ServerResponse, error: CausewayError): void {
  if (response.destroyed || response.writableEnded) return
  if (response.headersSent) {
    response.end(`data: ${JSON.stringify(chatErrorBody(error))}\n\n`)
    return
  }
  if (error.retryAfterSeconds !== undefined) response.setHeader('retry-after', error.retryAfterSeconds)
  // OpenAI's clients repeat every 409, 429 and 5xx unless they are told not to.
  if (!error.retryable) response.setHeader('x-should-retry', 'false')
  // The rest of a body that was not read would be taken for the next request.
  if (error.code === 'payload-too-large') response.setHeader('connection', 'close')
  const answer = error instanceof ProviderFailure ? error.answer : undefined
  if (answer) {
    response.writeHead(answer.status, { 'content-type': answer.contentType })
    response.end(answer.body)
  } else {
    response.writeHead(error.status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(chatErrorBody(error)))
  }
}
