import {
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Attributes,
  type HrTime,
  type SpanContext,
} from '@opentelemetry/api'
import { resourceFromAttributes, type Resource } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { Scope } from '../database/index.ts'
import { errorTypeAttribute } from './genai-attributes.ts'

/** Work that has been done, as a span is made of it afterwards: a run outlives the process that began it. */
export interface FinishedWork {
  scope: Scope
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: 'internal' | 'client'
  startedAt: Date
  endedAt: Date
  attributes: Attributes
  /** Class of the error that ended it, if one did. */
  errorType?: string
}

const resource: Resource = resourceFromAttributes({ 'service.name': 'causeway' })

/** The span of finished work, in the form that exporters take. */
export function finishedSpan(work: FinishedWork): ReadableSpan {
  const context: SpanContext = { traceId: work.traceId, spanId: work.spanId, traceFlags: TraceFlags.SAMPLED }
  return {
    name: work.name,
    kind: work.kind === 'client' ? SpanKind.CLIENT : SpanKind.INTERNAL,
    spanContext: () => context,
    ...(work.parentSpanId && { parentSpanContext: { ...context, spanId: work.parentSpanId } }),
    startTime: hrTime(work.startedAt.getTime()),
    endTime: hrTime(work.endedAt.getTime()),
    duration: hrTime(work.endedAt.getTime() - work.startedAt.getTime()),
    status: work.errorType ? { code: SpanStatusCode.ERROR, message: work.errorType } : { code: SpanStatusCode.UNSET },
    attributes: {
      ...work.attributes,
      ...(work.errorType && { [errorTypeAttribute]: work.errorType }),
      'causeway.organisation.id': work.scope.organisationId,
      'causeway.environment.id': work.scope.environmentId,
    },
    links: [],
    events: [],
    ended: true,
    resource,
    instrumentationScope: { name: 'causeway' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  }
}

const hrTime = (milliseconds: number): HrTime => [
  Math.floor(milliseconds / 1000),
  Math.round((milliseconds % 1000) * 1e6),
]
