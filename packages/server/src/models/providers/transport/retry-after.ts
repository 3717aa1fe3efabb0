import type { IncomingHttpHeaders } from 'node:http'
import * as z from 'zod'

interface Said {
  /** The words of the error, which are all that some providers give. */
  message?: string | undefined
  body?: unknown
  now?: number
}

/** A wait that is longer than this is a mistake or of no use. */
const longestMs = 24 * 3_600_000

/**
 * The wait that a provider asks for, in milliseconds: `retry-after-ms`, `Retry-After` as seconds or as a date (RFC 9110,
 * 10.2.3), the reset of the limit that is used up, Google's RetryInfo, or the words "try again in 644ms".
 * Only to be read on failures: some providers send `Retry-After` with status 200.
 */
export function retryAfterMs(
  headers: IncomingHttpHeaders,
  { message, body, now = Date.now() }: Said = {},
): number | undefined {
  const waits = [
    number(headers['retry-after-ms']),
    fromRetryAfter(headers['retry-after'], now),
    fromRetryInfo(body),
    fromResets(headers, now),
    fromWords(message),
  ]
  return waits.find(wait => wait !== undefined && wait >= 0 && wait <= longestMs)
}

function number(value: string | string[] | undefined): number | undefined {
  if (typeof value !== 'string' || value.trim() === '') return undefined
  const parsed = Number(value)
  return Number.isFinite(parsed) && parsed >= 0 ? parsed : undefined
}

const times = (value: number | undefined, factor: number): number | undefined =>
  value === undefined ? undefined : value * factor

function fromRetryAfter(value: string | undefined, now: number): number | undefined {
  if (!value) return undefined
  return times(number(value), 1000) ?? duration(value) ?? untilDate(value, now)
}

function untilDate(value: string, now: number): number | undefined {
  if (/^-?[\d.]+$/.test(value)) return undefined
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

const unitMs: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 }

/** A duration as Go writes it, such as `2m59.56s` or `16ms`. */
function duration(value: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|d|h|m|s))+$/.test(value)) return undefined
  return [...value.matchAll(/(\d+(?:\.\d+)?)(ms|d|h|m|s)/g)].reduce(
    (sum, [, amount, unit = '']) => sum + Number(amount) * (unitMs[unit] ?? 0),
    0,
  )
}

/** `{error: {details: [{'@type': '…RetryInfo', retryDelay: '34.4s'}]}}`; in streams a list of one. */
const RetryInfo = z.object({
  error: z.object({ details: z.array(z.looseObject({ retryDelay: z.string().optional() })) }),
})

function fromRetryInfo(body: unknown): number | undefined {
  const first: unknown = Array.isArray(body) ? body[0] : body
  const details = RetryInfo.safeParse(first).data?.error.details ?? []
  const delay = details.find(({ retryDelay }) => retryDelay !== undefined)?.retryDelay
  return delay === undefined ? undefined : duration(delay)
}

/**
 * The reset of each limit of which nothing remains: `x-ratelimit-reset-tokens: 2m59.56s` beside `x-ratelimit-remaining-tokens: 0`,
 * `anthropic-ratelimit-requests-reset: 2024-03-26T20:00:00Z` beside `…-remaining: 0`. A limit of -1 is no limit.
 */
function fromResets(headers: IncomingHttpHeaders, now: number): number | undefined {
  const waits = Object.entries(headers).flatMap(([name, value]) => {
    if (typeof value !== 'string' || !/ratelimit/.test(name) || !/remaining/.test(name) || Number(value) !== 0)
      return []
    const reset = headers[name.replace('remaining', 'reset')] ?? resetAtEnd(headers, name)
    if (typeof reset !== 'string') return []
    const wait = duration(reset) ?? times(number(reset), 1000) ?? untilDate(reset, now)
    return wait === undefined ? [] : [wait]
  })
  return waits.length > 0 ? Math.max(...waits) : undefined
}

/** Anthropic writes `…-requests-remaining` and `…-requests-reset`. */
const resetAtEnd = (headers: IncomingHttpHeaders, name: string): string | string[] | undefined =>
  headers[name.replace(/-remaining$/, '-reset')]

function fromWords(message: string | undefined): number | undefined {
  const [, amount, unit = 's'] =
    /(?:try again|retry)(?: \w+)? (?:in|after) (\d+(?:\.\d+)?)\s?(ms|s|seconds?|minutes?)?/i.exec(
      message?.slice(0, 2000) ?? '',
    ) ?? []
  if (amount === undefined) return undefined
  const factor = unit === 'ms' ? 1 : unit.startsWith('m') ? 60_000 : 1000
  return Number(amount) * factor
}
