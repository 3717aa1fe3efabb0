import type { ErrorCode } from '@causeway/contracts'
import { ProviderFailure } from '../../provider-failure.ts'
import type { FailureClass } from '../../failure-class.ts'
import { classifyFailure, readProviderError, type ProviderError } from './provider-error.ts'
import { readAtMost } from './read-body.ts'
import { retryAfterMs } from './retry-after.ts'
import type { IncomingHttpHeaders } from 'node:http'

const errorBodyLimit = 64 * 1024

interface FailedResponse {
  status: number
  headers: IncomingHttpHeaders
  body: AsyncIterable<Buffer>
}

/**
 * Reads an answer that is not 2xx into a failure. Does not throw.
 * @param options.redact takes secrets out of what the provider said.
 * @param options.keep whether the client speaks the provider's dialect, so that it can be handed the answer as it came.
 */
export async function failedAnswer(
  provider: string,
  response: FailedResponse,
  { keep, redact }: { keep: boolean; redact: (text: string) => string },
): Promise<ProviderFailure> {
  // The status already says that the call failed; when the explanation breaks off, there is none.
  const body = await readAtMost(response.body, errorBodyLimit).catch(() => Buffer.alloc(0))
  const { status, headers } = response
  const error = errorIn(body, response)
  const failureClass = classifyFailure(status, error)
  const said = error.message ? `: ${redact(error.message).slice(0, 2000)}` : '.'
  // A provider that refuses our credentials may quote them, and they are none of the caller's business.
  const ofOurCredentials = failureClass === 'dead-key'
  return new ProviderFailure(
    codeOf(status, failureClass),
    `Provider "${provider}" answered with status ${status}${ofOurCredentials ? ': it refused the credentials.' : said}`,
    {
      failureClass,
      status,
      retryAfterMs: retryAfterMs(headers, { message: error.message, body: parsed(body) }),
      ...(keep &&
        status >= 400 &&
        !ofOurCredentials && {
          answer: { status, contentType: headers['content-type'] ?? 'application/json', body },
        }),
    },
  )
}

const codes: Partial<Record<FailureClass, ErrorCode>> = {
  request: 'request-refused',
  'content-policy': 'content-refused',
  'context-overflow': 'context-too-long',
  'unknown-model': 'provider-rejected',
  'dead-key': 'provider-rejected',
  quota: 'provider-rejected',
  rate: 'provider-rate-limited',
}

function codeOf(status: number, failureClass: FailureClass): ErrorCode {
  if (status === 408 || status === 504) return 'provider-timeout'
  return codes[failureClass] ?? 'provider-failed'
}

function errorIn(body: Buffer, { headers }: FailedResponse): ProviderError {
  const value = parsed(body)
  return readProviderError(value === undefined ? body.toString('utf8') : value, headers)
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
