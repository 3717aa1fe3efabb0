import { ProviderFailure, type FailureConduct } from '../../provider-failure.ts'
import { readAtMost } from './read-body.ts'
import { retryAfterMs } from './retry-after.ts'
import type { UpstreamResponse } from './upstream.ts'

const errorBodyLimit = 64 * 1024

/**
 * Reads an answer that is not 2xx into a failure. Does not throw.
 * @param options.redact takes secrets out of what the provider said.
 * @param options.keep whether the client speaks the provider's dialect, so that it can be handed the answer as it came.
 */
export async function failedAnswer(
  provider: string,
  response: UpstreamResponse,
  { keep, redact }: { keep: boolean; redact: (text: string) => string },
): Promise<ProviderFailure> {
  // The status already says that the call failed; when the explanation breaks off, there is none.
  const body = await readAtMost(response.body, errorBodyLimit).catch(() => Buffer.alloc(0))
  const { status } = response
  const detail = refusalOf(body)
  const conduct = conductOf(status, detail.code ?? amazonErrorType(response))
  const said = detail.message ? `: ${redact(detail.message).slice(0, 2000)}` : '.'
  // A provider that refuses our credentials may quote them, and they are none of the caller's business.
  const ofOurCredentials = status === 401 || status === 403
  return new ProviderFailure(
    codeOf(status, conduct),
    `Provider "${provider}" answered with status ${status}${ofOurCredentials ? ': it refused the credentials.' : said}`,
    {
      conduct,
      retryAfterMs: retryAfterMs(response.headers),
      ...(keep &&
        status >= 400 &&
        !ofOurCredentials && {
          answer: { status, contentType: response.headers['content-type'] ?? 'application/json', body },
        }),
    },
  )
}

/** Where alone AWS names the class of an error: `ThrottlingException:http://internal…`. */
function amazonErrorType({ headers }: UpstreamResponse): string | undefined {
  const type = headers['x-amzn-errortype']
  return typeof type === 'string' ? type.split(':', 1)[0] : undefined
}

function codeOf(status: number, conduct: FailureConduct): 'provider-timeout' | 'provider-failed' | 'provider-rejected' {
  if (status === 408 || status === 504) return 'provider-timeout'
  return conduct === 'retry' ? 'provider-failed' : 'provider-rejected'
}

const ofOurAccount = new Set(['insufficient_quota', 'billing_error', 'ServiceQuotaExceededException'])

/** Another target may have other credentials, credit and models, but would find the same fault in the request itself. */
function conductOf(status: number, code: string | undefined): FailureConduct {
  if (code !== undefined && ofOurAccount.has(code)) return 'next-target'
  // AWS: the model failed.
  if (status === 424) return 'retry'
  if (status === 408 || status === 409 || status === 429 || status >= 500) return 'retry'
  if (status === 401 || status === 402 || status === 403 || status === 404 || status < 400) return 'next-target'
  return 'final'
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** Providers nest the message in different places: `{error: {message}}`, `{error: ''}`, `{message}`, `{detail}`. */
function refusalOf(body: Buffer): { message: string | undefined; code: string | undefined } {
  const text = body.toString('utf8')
  try {
    const parsed: unknown = JSON.parse(text)
    const first: unknown = Array.isArray(parsed) ? parsed[0] : parsed
    if (!isRecord(first)) return { message: text, code: undefined }
    const error = isRecord(first['error']) ? first['error'] : first
    const message = [error['message'], first['error'], first['detail']].find(value => typeof value === 'string')
    const code = [error['code'], error['type']].find(value => typeof value === 'string')
    return { message, code }
  } catch {
    return { message: text, code: undefined }
  }
}
