import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import type { Database } from '../database/index.ts'
import { createDatabaseExporter } from './database-exporter.ts'
import { finishedSpan, type FinishedWork } from './finished-span.ts'
import type { Logger } from './logger.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { createSpanQueue, type SpanQueue } from './span-queue.ts'

/** Spans and figures of what the platform does. */
export interface Telemetry {
  readonly metrics: Metrics
  /** Records a span of work that is done: stored for the console and, if configured, exported over OTLP with the same ids. */
  recordSpan(work: FinishedWork): void
  /** Exports a span of work that the console reads from a record of its own. It is made only where spans are exported. */
  exportSpan(work: () => FinishedWork): void
  /** Writes out what is queued, then stops. */
  close(): Promise<void>
}

export interface TelemetryOptions {
  database: Database
  logger: Logger
  /** Base address of a collector (OTLP over HTTP), such as `http://127.0.0.1:4318`. */
  otlpEndpoint: string | undefined
}

export function createTelemetry({ database, logger, otlpEndpoint }: TelemetryOptions): Telemetry {
  const metrics = createMetrics()
  const queueTo = (destination: string) => ({
    destination,
    logger,
    onDropped: (spans: number) => metrics.spansDropped.inc({ destination }, spans),
  })
  const stored = createSpanQueue({
    ...queueTo('database'),
    exporter: createDatabaseExporter({ database }),
    delayMs: 200,
  })
  const exportTo = (endpoint: string): SpanQueue => {
    const url = new URL('v1/traces', withSlash(endpoint)).href
    return createSpanQueue({ ...queueTo('otlp'), exporter: new OTLPTraceExporter({ url }), delayMs: 1000 })
  }
  const exported = otlpEndpoint ? exportTo(otlpEndpoint) : undefined
  return {
    metrics,
    recordSpan(work) {
      const span = finishedSpan(work)
      stored.add(span)
      exported?.add(span)
    },
    exportSpan(work) {
      exported?.add(finishedSpan(work()))
    },
    async close() {
      await Promise.all([stored.close(), exported?.close()])
    },
  }
}

const withSlash = (address: string): string => (address.endsWith('/') ? address : `${address}/`)
