import type { RateLimit } from '../../budgets/index.ts'
import type { OutgoingHeaders } from './begun-answer.ts'

/** What is left of the budgets that a call has to fit into. Source: draft-ietf-httpapi-ratelimit-headers-10, sections 3 and 4. */
export function rateLimitHeaders(limits: readonly RateLimit[]): OutgoingHeaders {
  if (limits.length === 0) return {}
  const name = ({ budget, unit }: RateLimit): string => `"${budget}-${unit}"`
  return {
    'ratelimit-policy': limits
      .map(limit => `${name(limit)};q=${limit.quota};qu="${limit.unit}"${parameter('w', limit.windowSeconds)}`)
      .join(', '),
    ratelimit: limits
      .map(limit => `${name(limit)};r=${limit.remaining}${parameter('t', limit.resetSeconds)}`)
      .join(', '),
  }
}

const parameter = (name: string, value: number | undefined): string => (value === undefined ? '' : `;${name}=${value}`)
