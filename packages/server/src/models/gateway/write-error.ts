import type { ServerResponse } from 'node:http'
import type { CausewayError } from '@causeway/contracts'
import type { ClientDialect } from '../dialects/dialect.ts'
import { ProviderFailure } from '../provider-failure.ts'
import type { OutgoingHeaders } from './begun-answer.ts'
import type { StreamFraming } from './stream-framing.ts'

interface FailedExchange {
  requestId: string
  dialect: ClientDialect
  headers: OutgoingHeaders
  framing: StreamFraming
}

/**
 * Ends a response with an error in the client's dialect: as a status while nothing was sent, as the last event of a
 * stream after that, so that nobody takes it for a whole answer.
 */
export function writeError(response: ServerResponse, exchange: FailedExchange, error: CausewayError): void {
  const { requestId, dialect, headers, framing } = exchange
  if (response.destroyed || response.writableEnded) return
  if (response.headersSent) {
    const failure = dialect.writeStream({ requestId, created: 0, model: '', request: {} }).fail(error)
    response.end([framing.frame(failure), framing.end()].join(''))
    return
  }
  const answer = error instanceof ProviderFailure ? error.answer : undefined
  response.writeHead(answer?.status ?? error.status, {
    ...headers,
    'content-type': answer?.contentType ?? 'application/json',
    ...(error.retryAfterSeconds !== undefined && { 'retry-after': String(error.retryAfterSeconds) }),
    // The official clients repeat every 409, 429 and 5xx unless they are told not to.
    ...(!error.retryable && { 'x-should-retry': 'false' }),
    // The rest of a body that was not read would be taken for the next request.
    ...(error.code === 'payload-too-large' && { connection: 'close' }),
  })
  response.end(answer?.body ?? JSON.stringify(dialect.errorBody(error, requestId)))
}
