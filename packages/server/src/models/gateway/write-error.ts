import type { ServerResponse } from 'node:http'
import type { CausewayError } from '@causeway/contracts'
import { chatErrorBody } from '../dialects/openai-chat/write-error.ts'
import { ProviderFailure } from '../provider-failure.ts'
import type { OutgoingHeaders } from './chat-answer.ts'

/**
 * Ends a response with an error: as a status while nothing was sent, as the last event of a stream after that.
 * A stream that ends so has no `[DONE]`, so that nobody takes it for a whole answer.
 */
export function writeError(response: ServerResponse, headers: OutgoingHeaders, error: CausewayError): void {
  if (response.destroyed || response.writableEnded) return
  if (response.headersSent) {
    response.end(`data: ${JSON.stringify(chatErrorBody(error))}\n\n`)
    return
  }
  const answer = error instanceof ProviderFailure ? error.answer : undefined
  response.writeHead(answer?.status ?? error.status, {
    ...headers,
    'content-type': answer?.contentType ?? 'application/json',
    ...(error.retryAfterSeconds !== undefined && { 'retry-after': String(error.retryAfterSeconds) }),
    // OpenAI's clients repeat every 409, 429 and 5xx unless they are told not to.
    ...(!error.retryable && { 'x-should-retry': 'false' }),
    // The rest of a body that was not read would be taken for the next request.
    ...(error.code === 'payload-too-large' && { connection: 'close' }),
  })
  response.end(answer?.body ?? JSON.stringify(chatErrorBody(error)))
}
