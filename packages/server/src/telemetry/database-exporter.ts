import { SpanStatusCode, type HrTime, type SpanStatus } from '@opentelemetry/api'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'
import type { Database } from '../database/index.ts'
import { insertSpans, type StoredSpan } from './store.ts'

/** Keeps spans in the database, for the console. */
export function createDatabaseExporter({ database }: { database: Database }): SpanExporter {
  const write = async (spans: readonly ReadableSpan[]): Promise<{ code: 0 | 1; error?: Error }> => {
    try {
      await insertSpans(database.kysely, spans.map(toStored))
      return { code: 0 }
    } catch (error) {
      return { code: 1, error: error instanceof Error ? error : new Error(String(error)) }
    }
  }
  return {
    export: (spans, done) => void write(spans).then(done),
    shutdown: async () => undefined,
  }
}

function toStored(span: ReadableSpan): StoredSpan {
  const { traceId, spanId } = span.spanContext()
  const {
    'causeway.organisation.id': organisationId,
    'causeway.environment.id': environmentId,
    ...attributes
  } = span.attributes
  return {
    scope: { organisationId: String(organisationId), environmentId: String(environmentId) },
    traceId,
    spanId,
    parentSpanId: span.parentSpanContext?.spanId ?? null,
    name: span.name,
    startedAt: new Date(milliseconds(span.startTime)).toISOString(),
    durationMs: milliseconds(span.duration),
    status: statusOf(span.status),
    attributes,
  }
}

function statusOf({ code }: SpanStatus): StoredSpan['status'] {
  if (code === SpanStatusCode.ERROR) return 'error'
  return code === SpanStatusCode.OK ? 'ok' : 'unset'
}

const milliseconds = ([seconds, nanoseconds]: HrTime): number => seconds * 1000 + nanoseconds / 1e6
