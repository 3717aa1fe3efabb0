import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { BatchSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace'
import type { Database } from '../database/index.ts'
import { createDatabaseExporter } from './database-exporter.ts'
import { finishedSpan, type FinishedWork } from './finished-span.ts'
import { errorTypeAttribute } from './genai-attributes.ts'
import type { Logger } from './logger.ts'
import { createMetrics, type Metrics } from './metrics.ts'

/** Spans and figures of what the platform does. */
export interface Telemetry {
  readonly metrics: Metrics
  /** Records a span of work that is done: stored for the console and, if configured, exported over OTLP with the same ids. */
  recordSpan(work: FinishedWork): void
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
  const processors: SpanProcessor[] = [
    new BatchSpanProcessor({
      exporter: createDatabaseExporter({ database, logger, metrics }),
      scheduledDelayMillis: 200,
      maxExportBatchSize: 512,
      maxQueueSize: 10_000,
    }),
  ]
  if (otlpEndpoint)
    processors.push(
      new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url: new URL('v1/traces', withSlash(otlpEndpoint)).href }), scheduledDelayMillis: 1000 }),
    )
  return {
    metrics,
    recordSpan(work) {
      const { errorType } = work
      const span = finishedSpan({ ...work, attributes: { ...work.attributes, ...(errorType && { [errorTypeAttribute]: errorType }) } })
      for (const processor of processors) processor.onEnd(span)
    },
    async close() {
      await Promise.all(processors.map(processor => processor.shutdown()))
    },
  }
}

const withSlash = (address: string): string => (address.endsWith('/') ? address : `${address}/`)
