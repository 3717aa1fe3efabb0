import type { Span } from '@causeway/contracts'
import type { Selectable } from 'kysely'
import { type Connection, inScope, insertRows, ownedBy, type Scope, type Tables } from '../database/index.ts'

export interface StoredSpan extends Span {
  scope: Scope
}

/** Writes a batch of spans; one that is there already stays as it is. */
export async function insertSpans(connection: Connection, spans: readonly StoredSpan[]): Promise<void> {
  await insertRows(
    connection,
    'spans',
    spans.map(span => ({
      ...ownedBy(span.scope),
      trace_id: span.traceId,
      span_id: span.spanId,
      parent_span_id: span.parentSpanId,
      name: span.name,
      started_at: new Date(span.startedAt),
      duration_ms: span.durationMs,
      status: span.status,
      attributes: span.attributes,
    })),
  )
}

const spansAtMost = 5000

/** The spans of a trace in the order in which they began. */
export async function readTrace(connection: Connection, scope: Scope, traceId: string): Promise<Span[]> {
  const rows = await connection
    .selectFrom('spans')
    .selectAll()
    .where(inScope(scope))
    .where('trace_id', '=', traceId)
    .orderBy('started_at')
    .limit(spansAtMost)
    .execute()
  return rows.map(toSpan)
}

const toSpan = (row: Selectable<Tables['spans']>): Span => ({
  traceId: row.trace_id,
  spanId: row.span_id,
  parentSpanId: row.parent_span_id,
  name: row.name,
  startedAt: row.started_at.toISOString(),
  durationMs: row.duration_ms,
  status: row.status,
  attributes: row.attributes,
})
