import type { IncomingHttpHeaders } from 'node:http'

/**
 * The wait that a provider asks for, in milliseconds: `retry-after-ms`, or `Retry-After` as seconds or as a date (RFC 9110, 10.2.3).
 * Only to be read on failures: some providers send it with status 200.
 */
export function retryAfterMs(headers: IncomingHttpHeaders, now = Date.now()): number | undefined {
  const milliseconds = Number(headers['retry-after-ms'] ?? Number.NaN)
  if (milliseconds >= 0) return milliseconds
  const value = headers['retry-after']
  if (!value) return undefined
  const seconds = Number(value)
  if (seconds >= 0) return seconds * 1000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
