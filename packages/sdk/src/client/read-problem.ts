import { CausewayError, ErrorCode, ProblemPlace } from '@causeway/contracts'
import * as z from 'zod'

/** A problem document as a newer platform, or a proxy before it, may write it: only what is used is looked at. */
const AnyProblem = z.object({
  code: z.string().optional(),
  title: z.string().optional(),
  detail: z.string().optional(),
  problems: z.array(ProblemPlace).optional().catch(undefined),
  traceId: z.string().optional().catch(undefined),
})

/** The error that an answer with a bad status reports (RFC 9457). */
export async function readProblem(response: Response): Promise<CausewayError> {
  const text = await response.text().catch(() => '')
  const { code, title, detail, problems, traceId } = AnyProblem.safeParse(parseJson(text)).data ?? {}
  const known = ErrorCode.safeParse(code).data
  const retryAfterSeconds = readRetryAfter(response.headers.get('retry-after'))
  const said = [detail ?? title ?? text.replaceAll(/\s+/g, ' ').trim().slice(0, 200), known ? undefined : code]
  const explained = said.filter(part => part !== undefined && part !== '').join(', ')
  return new CausewayError(
    known ?? codeOfStatus(response.status),
    known && detail ? detail : `The answer has status ${response.status}${explained ? `: ${explained}` : ''}`,
    {
      ...(problems && { problems }),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      ...(traceId !== undefined && { traceId }),
    },
  )
}

/** What a status means when nothing better is said, as in the answers of proxies. */
function codeOfStatus(status: number): ErrorCode {
  switch (status) {
    case 400:
    case 422:
      return 'invalid-request'
    case 401:
      return 'invalid-credentials'
    case 403:
      return 'missing-right'
    case 404:
      return 'not-found'
    case 409:
      return 'conflict'
    case 413:
      return 'payload-too-large'
    case 429:
      return 'rate-limited'
    case 502:
    case 503:
    case 504:
      return 'not-ready'
    default:
      return 'internal'
  }
}

/** Seconds of a Retry-After header, which is a number or a date (RFC 9110, section 10.2.3). */
function readRetryAfter(header: string | null): number | undefined {
  if (header === null) return undefined
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - Date.now()) / 1000
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
