import * as z from 'zod'
import { Instant } from '../names.ts'

/** One span of a trace, as exported over OTLP. */
export const Span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().nullable(),
  name: z.string(),
  startedAt: Instant,
  durationMs: z.number(),
  status: z.enum(['unset', 'ok', 'error']),
  attributes: z.record(z.string(), z.unknown()),
})
export type Span = z.infer<typeof Span>

/** The spans of one trace, in the order in which they began. */
export const Trace = z.object({ traceId: z.string(), spans: z.array(Span) })
export type Trace = z.infer<typeof Trace>
