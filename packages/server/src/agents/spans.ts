import { CausewayError, type EventData } from '@causeway/contracts'
import type { ModelResponse } from '../models/index.ts'
import { modelCallAttributes, newSpanId, runAttributes, toolCallAttributes } from '../telemetry/index.ts'
import type { ToolResult } from '../tools/index.ts'
import type { Ending, OpenRun, Segment } from './segment.ts'
import { sha256 } from './tool-result.ts'

/** Records the span and the figures of one model call. */
export function spanOfModelCall(
  segment: Segment,
  { route, startedAt, response }: { route: string; startedAt: Date; response: ModelResponse | CausewayError },
): void {
  const { metrics } = segment.dependencies.telemetry
  const failed = response instanceof CausewayError
  span(segment, {
    name: `chat ${failed ? route : response.model}`,
    kind: 'client',
    startedAt,
    attributes: modelCallAttributes(failed ? { route } : { route, response }),
    ...(failed && { errorType: response.code }),
  })
  metrics.observeModelCall({
    provider: failed ? undefined : response.provider,
    model: failed ? undefined : response.model,
    outcome: failed ? response.code : 'ok',
    seconds: (Date.now() - startedAt.getTime()) / 1000,
    ...(!failed && { usage: response.usage, cost: response.cost, guardrails: response.guardrails }),
  })
}

/** Records the span and the figures of one tool call. */
export function spanOfToolCall(
  segment: Segment,
  { called, startedAt, result }: { called: EventData<'tool-called'>; startedAt: Date; result: ToolResult },
): void {
  const { metrics } = segment.dependencies.telemetry
  const { outcome, attempts, durationMs } = result
  span(segment, {
    name: `execute_tool ${called.tool}`,
    kind: 'internal',
    startedAt,
    attributes: toolCallAttributes({ ...called, outcome, attempts }),
    ...('error' in result && { errorType: result.error.code }),
  })
  metrics.observeToolCall({ tool: called.tool, outcome, seconds: durationMs / 1000 })
}

/** Records the span of the run, from its creation to its end, and counts it. */
export function spanOfRun({ dependencies, run, fold }: OpenRun, { status, reason }: Ending): void {
  const { telemetry } = dependencies
  const { created, spent } = fold.state()
  const { parentSpanId } = created
  telemetry.recordSpan({
    scope: run.scope,
    traceId: run.traceId,
    spanId: spanIdOf(run.id),
    ...(parentSpanId !== undefined && { parentSpanId }),
    name: `invoke_agent ${run.agent}`,
    kind: 'internal',
    startedAt: run.createdAt,
    endedAt: new Date(),
    attributes: runAttributes({ ...run, status, reason }),
    ...(status === 'failed' && { errorType: reason }),
  })
  telemetry.metrics.observeRun({ agent: run.agent, status, reason, toolCalls: spent.toolCalls })
}

/** The span of a run has its id from that of the run, so that every segment, on whatever replica, names the same parent. */
const spanIdOf = (runId: string): string => sha256(runId).slice(0, 16)

type StepSpan = Pick<
  Parameters<Segment['dependencies']['telemetry']['recordSpan']>[0],
  'name' | 'kind' | 'startedAt' | 'attributes' | 'errorType'
>

function span({ dependencies, run }: Segment, step: StepSpan): void {
  dependencies.telemetry.recordSpan({
    ...step,
    scope: run.scope,
    traceId: run.traceId,
    spanId: newSpanId(),
    parentSpanId: spanIdOf(run.id),
    endedAt: new Date(),
  })
}
