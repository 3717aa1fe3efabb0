import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const traceparent = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/
const invalid = '0'.repeat(32)

/** The trace that a request belongs to: that of its `traceparent` header (W3C Trace Context), or else a new one. */
export function traceIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const { traceparent: header } = headers
  const given = typeof header === 'string' ? traceparent.exec(header)?.[1] : undefined
  return given === undefined || given === invalid ? randomBytes(16).toString('hex') : given
}
