import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

/** Where in a trace a request was made. */
export interface TraceContext {
  traceId: string
  parentSpanId: string
}

const traceparent = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}/

/** What the header `traceparent` says, where it can be used. Source: https://www.w3.org/TR/trace-context/#traceparent-header */
export function traceContextOf({ traceparent: header }: IncomingHttpHeaders): TraceContext | undefined {
  if (typeof header !== 'string') return undefined
  const [, traceId, parentSpanId] = traceparent.exec(header) ?? []
  return traceId !== undefined && parentSpanId !== undefined ? { traceId, parentSpanId } : undefined
}

/** The trace that a request belongs to: that of its `traceparent` header, or else a new one. */
export const traceIdOf = ({ headers }: Pick<IncomingMessage, 'headers'>): string =>
  traceContextOf(headers)?.traceId ?? randomBytes(16).toString('hex')
