import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import type * as z from 'zod'
import { databaseKinds, openTestDatabase } from '../database/testing/index.ts'
import {
  createTelemetry,
  modelCallAttributes,
  newSpanId,
  newTraceId,
  runAttributes,
  toolCallAttributes,
} from './index.ts'
import { readTrace } from './store.ts'
import { startCollector, type Attributes } from './testing/otlp-collector.ts'

const scope = { organisationId: 'org_1', environmentId: 'env_1' }
const logger = pino({ level: 'silent' })

const plain = (attributes: z.infer<typeof Attributes>): Record<string, unknown> =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.intValue ?? value.boolValue ?? value.arrayValue,
    ]),
  )

/** A run with one model call and one failed tool call, as the engine records it. */
function recordRun(telemetry: ReturnType<typeof createTelemetry>) {
  const [traceId, root, model, tool] = [newTraceId(), newSpanId(), newSpanId(), newSpanId()]
  const startedAt = new Date('2026-03-01T10:00:00.123Z')
  const at = (milliseconds: number): Date => new Date(startedAt.getTime() + milliseconds)
  const step = { scope, traceId, parentSpanId: root }
  telemetry.recordSpan({
    ...step,
    spanId: model,
    name: 'chat gpt-5-mini',
    kind: 'client',
    startedAt: at(10),
    endedAt: at(510.5),
    attributes: modelCallAttributes({
      route: 'smart',
      response: {
        provider: 'openai',
        model: 'gpt-5-mini',
        rehearsal: false,
        finishReason: 'stop',
        usage: { inputTokens: 100, outputTokens: 20, cachedInputTokens: 80 },
        cost: { nanoUsd: 12_345 },
        attempts: 2,
      },
    }),
  })
  telemetry.recordSpan({
    ...step,
    spanId: tool,
    name: 'execute_tool lookup-order',
    kind: 'internal',
    startedAt: at(520),
    endedAt: at(530),
    attributes: toolCallAttributes({
      tool: 'lookup-order',
      toolVersion: 'v1',
      callId: 'call_1',
      outcome: 'failed',
      attempts: 1,
    }),
    errorType: 'tool-timeout',
  })
  telemetry.recordSpan({
    scope,
    traceId,
    spanId: root,
    name: 'invoke_agent support',
    kind: 'internal',
    startedAt,
    endedAt: at(540),
    attributes: runAttributes({
      agent: 'support',
      agentVersion: 'v3',
      sessionId: 'ses_1',
      id: 'run_1',
      status: 'succeeded',
      reason: 'completed',
    }),
  })
  return { traceId, root, model, tool }
}

describe.each(databaseKinds)('traces on %s', kind => {
  test('spans are stored and exported over OTLP with the same ids and the names of the GenAI conventions [G1.otlp-export] [G1.genai-names]', async () => {
    await using database = await openTestDatabase(kind)
    await using collector = await startCollector()
    const telemetry = createTelemetry({ database, logger, otlpEndpoint: collector.url })
    const ids = recordRun(telemetry)
    await telemetry.close()

    expect(collector.received.map(({ url }) => url)).toEqual(['/v1/traces'])
    const spans = collector
      .spans()
      .toSorted((one, other) => one.startTimeUnixNano.localeCompare(other.startTimeUnixNano))
    expect(spans.map(({ traceId }) => traceId)).toEqual([ids.traceId, ids.traceId, ids.traceId])
    const [run, chat, tool] = spans.map(span => ({ ...span, attributes: plain(span.attributes) }))
    expect(run).toMatchObject({
      spanId: ids.root,
      name: 'invoke_agent support',
      kind: 1,
      startTimeUnixNano: '1772359200123000000',
      status: { code: 0 },
    })
    expect(run?.attributes).toMatchObject({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'support',
      'gen_ai.conversation.id': 'ses_1',
      'causeway.run.id': 'run_1',
      'causeway.organisation.id': 'org_1',
    })
    expect(chat).toMatchObject({ spanId: ids.model, parentSpanId: ids.root, name: 'chat gpt-5-mini', kind: 3 })
    expect(chat?.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'smart',
      'gen_ai.response.model': 'gpt-5-mini',
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 20,
      'gen_ai.usage.cache_read.input_tokens': 80,
    })
    expect(tool).toMatchObject({
      spanId: ids.tool,
      parentSpanId: ids.root,
      status: { code: 2, message: 'tool-timeout' },
    })
    expect(tool?.attributes).toMatchObject({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'lookup-order',
      'gen_ai.tool.call.id': 'call_1',
      'error.type': 'tool-timeout',
    })

    const stored = await readTrace(database.kysely, scope, ids.traceId)
    expect(
      stored.map(({ spanId, parentSpanId, status, durationMs }) => ({ spanId, parentSpanId, status, durationMs })),
    ).toEqual([
      { spanId: ids.root, parentSpanId: null, status: 'unset', durationMs: 540 },
      { spanId: ids.model, parentSpanId: ids.root, status: 'unset', durationMs: 500 },
      { spanId: ids.tool, parentSpanId: ids.root, status: 'error', durationMs: 10 },
    ])
    expect(stored[1]?.attributes).toMatchObject({
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.response.finish_reasons': ['stop'],
    })
    expect(await readTrace(database.kysely, { ...scope, environmentId: 'env_2' }, ids.traceId)).toEqual([])
  })

  test('a span is readable within a second, and one that the database cannot keep does not take others with it', async () => {
    await using database = await openTestDatabase(kind)
    const telemetry = createTelemetry({ database, logger, otlpEndpoint: undefined })
    const traceId = newTraceId()
    const span = { scope, traceId, kind: 'internal', startedAt: new Date(), endedAt: new Date() } as const
    telemetry.recordSpan({ ...span, spanId: newSpanId(), name: 'odd', attributes: { text: 'a\0b\uD800c' } })
    telemetry.recordSpan({ ...span, spanId: newSpanId(), name: 'plain', attributes: {} })
    await expect.poll(() => readTrace(database.kysely, scope, traceId), { timeout: 3000 }).toHaveLength(2)
    await telemetry.close()
  })
})

test('a collector that fails costs its spans, which are counted, and nothing else', async () => {
  await using database = await openTestDatabase('embedded')
  await using collector = await startCollector(400)
  const telemetry = createTelemetry({ database, logger, otlpEndpoint: collector.url })
  const { traceId } = recordRun(telemetry)
  await telemetry.close()
  expect(await telemetry.metrics.registry.metrics()).toContain('causeway_spans_dropped_total{destination="otlp"} 3')
  expect(await readTrace(database.kysely, scope, traceId)).toHaveLength(3)
})

test('a collector that does not answer is sent a bounded number of spans, and little time at the end', async () => {
  await using database = await openTestDatabase('embedded')
  await using collector = await startCollector('never')
  const telemetry = createTelemetry({ database, logger, otlpEndpoint: collector.url })
  const [traceId, now] = [newTraceId(), new Date()]
  const span = { scope, traceId, name: 'a', kind: 'internal', startedAt: now, endedAt: now, attributes: {} } as const
  for (let number = 0; number < 10_500; number++) telemetry.recordSpan({ ...span, spanId: newSpanId() })
  expect(await telemetry.metrics.registry.metrics()).toContain('causeway_spans_dropped_total{destination="otlp"} 500')
  const before = performance.now()
  await telemetry.close()
  expect(performance.now() - before).toBeLessThan(7000)
})
