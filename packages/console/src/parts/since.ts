import * as z from 'zod'

/** The newest stretch of time that a list shows; `custom` is given by two instants. */
export const Since = z.enum(['1h', '24h', '7d', '30d', 'custom'])
export type Since = z.infer<typeof Since>

const hourMs = 3_600_000
const stretches = { '1h': hourMs, '24h': 24 * hourMs, '7d': 168 * hourMs, '30d': 720 * hourMs } as const

/** How the choices are called. */
export const sinceNames: Readonly<Record<Since, string>> = {
  '1h': 'last hour',
  '24h': 'last 24 hours',
  '7d': 'last 7 days',
  '30d': 'last 30 days',
  custom: 'custom',
}

interface TimeRange {
  since?: Since | undefined
  /** Begin and end of a custom range, in the reader's time, as a browser's field writes them. */
  after?: string | undefined
  before?: string | undefined
}

/** The bounds of a range as the API wants them. A bound that cannot be read is left out. */
export function boundsOf(
  { since, after, before }: TimeRange,
  now: number,
): { createdAfter?: string; createdBefore?: string } {
  if (since === undefined) return {}
  if (since !== 'custom') return { createdAfter: new Date(now - stretches[since]).toISOString() }
  const [from, to] = [instant(after), instant(before)]
  return { ...(from && { createdAfter: from }), ...(to && { createdBefore: to }) }
}

function instant(local: string | undefined): string | undefined {
  const time = Date.parse(local ?? '')
  return Number.isNaN(time) ? undefined : new Date(time).toISOString()
}
