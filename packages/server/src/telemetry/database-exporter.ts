import { SpanStatusCode, type HrTime } from '@opentelemetry/api'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'
import type { Database } from '../database/index.ts'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'
import { insertSpans, type StoredSpan } from './store.ts'

/** Keeps spans in the database, for the console. Spans that cannot be written are counted and dropped. */
export function createDatabaseExporter({ database, logger, metrics }: { database: Database; logger: Logger; metrics: Metrics }): SpanExporter {
  return {
    export(spans, done) {
      insertSpans(database.kysely, spans.map(toStored)).then(
        () => done({ code: 0 }),
        (error: unknown) => {
          metrics.spansDropped.inc(spans.length)
          logger.warn({ err: error, spans: spans.length }, 'spans could not be stored')
          done({ code: 1 })
        },
      )
    },
    shutdown: async () => undefined,
  }
}

function toStored(span: ReadableSpan): StoredSpan {
  const { traceId, spanId } = span.spanContext()
  const { 'causeway.organisation.id': organisationId, 'causeway.environment.id': environmentId, ...attributes } = span.attributes
  return {
    scope: { organisationId: String(organisationId), environmentId: String(environmentId) },
    traceId,
    spanId,
    parentSpanId: span.parentSpanContext?.spanId ?? null,
    name: span.name,
    startedAt: new Date(milliseconds(span.startTime)).toISOString(),
    durationMs: milliseconds(span.duration),
    status: span.status.code === SpanStatusCode.ERROR ? 'error' : span.status.code === SpanStatusCode.OK ? 'ok' : 'unset',
    attributes,
  }
}

const milliseconds = ([seconds, nanoseconds]: HrTime): number => seconds * 1000 + nanoseconds / 1e6
