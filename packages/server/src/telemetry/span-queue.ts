import { setTimeout as delay } from 'node:timers/promises'
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace'
import type { Logger } from './logger.ts'

/** Spans on their way to one destination. */
export interface SpanQueue {
  /** Never waits: a span for which there is no room is dropped and counted. */
  add(span: ReadableSpan): void
  /** Sends what is queued, for a few seconds at most. */
  close(): Promise<void>
}

interface SpanQueueOptions {
  exporter: SpanExporter
  /** Name for the log. */
  destination: string
  /** Longest time that a span waits for others to be sent with, in milliseconds. */
  delayMs: number
  logger: Logger
  onDropped: (spans: number) => void
}

/** About 10 MB; a destination that does not answer must not fill the memory. */
const waitingAtMost = 10_000
const batchSize = 512
const exportLimitMs = 10_000
const closeLimitMs = 5_000

export function createSpanQueue({ exporter, destination, delayMs, logger, onDropped }: SpanQueueOptions): SpanQueue {
  let waiting = 0
  let failing = false
  const counted: SpanExporter = {
    export(spans, done) {
      exporter.export(spans, result => {
        waiting -= spans.length
        const code: number = result.code
        const failed = code !== 0
        if (failed) onDropped(spans.length)
        // Once when it begins and once when it ends, not with every batch.
        if (failed && !failing)
          logger.warn({ err: result.error, destination }, 'spans cannot be delivered and are dropped')
        if (!failed && failing) logger.warn({ destination }, 'spans are delivered again')
        failing = failed
        done(result)
      })
    },
    shutdown: () => exporter.shutdown(),
  }
  const processor = new BatchSpanProcessor({
    exporter: counted,
    scheduledDelayMillis: delayMs,
    maxExportBatchSize: batchSize,
    maxQueueSize: waitingAtMost,
    exportTimeoutMillis: exportLimitMs,
  })
  return {
    add(span) {
      if (waiting >= waitingAtMost) return onDropped(1)
      waiting++
      processor.onEnd(span)
    },
    async close() {
      // Failed deliveries are counted above; they must not keep the process from stopping.
      const sent = processor.shutdown().catch(() => undefined)
      await Promise.race([sent, delay(closeLimitMs, undefined, { ref: false })])
    },
  }
}
