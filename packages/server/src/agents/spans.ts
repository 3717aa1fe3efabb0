import { CausewayError, type EventData } from '@causeway/contracts'
import type { ModelResponse } from '../models/index.ts'
import { agentAttributes, modelAttributes, toolAttributes } from '../telemetry/index.ts'
import type { ToolResult } from '../tools/index.ts'
import type { Ending, Segment } from './segment.ts'

/** Records the span and the figures of one model call. */
export function spanOfModelCall(
  segment: Segment,
  { route, startedAt, response }: { route: string; startedAt: Date; response: ModelResponse | CausewayError },
): void {
  const { telemetry } = segment.dependencies
  const failed = response instanceof CausewayError
  const outcome = failed ? response.code : 'ok'
  telemetry.recordModelCall({
    ...common(segment, startedAt),
    attributes: modelAttributes(failed ? { route } : { route, response }),
    name: `chat ${failed ? route : response.model}`,
    outcome,
    ...(failed ? { error: response } : { response }),
  })
}

/** Records the span and the figures of one tool call. */
export function spanOfToolCall(
  segment: Segment,
  { called, startedAt, result }: { called: EventData<'tool-called'>; startedAt: Date; result: ToolResult },
): void {
  segment.dependencies.telemetry.recordToolCall({
    ...common(segment, startedAt),
    attributes: toolAttributes(called),
    name: `execute_tool ${called.tool}`,
    tool: called.tool,
    outcome: result.outcome,
    ...(result.outcome !== 'completed' && { error: new CausewayError(result.error.code, result.error.message) }),
  })
}

/** Records the span of the run when it has ended. */
export function spanOfRun(segment: Segment, ending: Ending | undefined): void {
  const { run } = segment
  segment.dependencies.telemetry.recordRun({
    ...common(segment, run.createdAt),
    attributes: agentAttributes(run),
    name: `invoke_agent ${run.agent}`,
    ...(ending && { ending }),
  })
}
