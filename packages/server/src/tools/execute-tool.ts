import { setTimeout as sleep } from 'node:timers/promises'
import { CausewayError, type ToolSpec } from '@causeway/contracts'
import { mismatch } from '../json-schema/index.ts'
import type { ToolGates } from './tool-gates.ts'
import { resultBytesAtMost, type AttemptTool, type ToolCall, type ToolResult } from './tool-call.ts'

/** Runs a call that has been decided and recorded: attempts, deadline, retries where they are safe, and the check of the result. */
export type ExecuteTool = (call: ToolCall, signal: AbortSignal) => Promise<ToolResult>

/** A call may be repeated only if that cannot cause a second effect. */
export const isRepeatable = ({ spec }: Pick<ToolCall, 'spec'>): boolean => spec.idempotent || spec.effect === 'read'

export function createExecuteTool(
  gates: ToolGates,
  kinds: Readonly<Record<Exclude<ToolSpec['implementation']['type'], 'agent'>, AttemptTool>>,
): ExecuteTool {
  return async (call, signal) => {
    const { type } = call.spec.implementation
    if (type === 'agent') throw new CausewayError('internal', `${call.tool} is an agent, which is called as a run.`)
    const attempt = kinds[type]
    const startedAt = performance.now()
    const attemptsAtMost = isRepeatable(call) ? call.spec.retries + 1 : 1
    for (let attempts = 1; ; attempts++) {
      try {
        const output = checked(call, await once(call, gates, attempt, signal))
        return { outcome: 'completed', output, attempts, durationMs: performance.now() - startedAt }
      } catch (thrown) {
        const error = asCausewayError(thrown)
        if (
          attempts < attemptsAtMost &&
          error.code !== 'invalid-tool-output' &&
          error.code !== 'tool-unavailable' &&
          (await mayRetry(error, attempts, signal))
        )
          continue
        return {
          outcome: outcomeOf(call, error),
          error: { code: error.code, message: error.message },
          attempts,
          durationMs: performance.now() - startedAt,
        }
      }
    }
  }
}

async function once(call: ToolCall, gates: ToolGates, attempt: AttemptTool, signal: AbortSignal): Promise<unknown> {
  const deadline = AbortSignal.timeout(call.spec.timeoutSeconds * 1000)
  const either = AbortSignal.any([signal, deadline])
  return gates.enter(call, either, () => attemptInTime(call, attempt, either, deadline))
}

async function attemptInTime(
  call: ToolCall,
  attempt: AttemptTool,
  signal: AbortSignal,
  deadline: AbortSignal,
): Promise<unknown> {
  try {
    return await attempt(call, signal)
  } catch (cause) {
    if (deadline.aborted && signal.reason === deadline.reason)
      throw new CausewayError('tool-timeout', `${call.tool} did not answer within ${call.spec.timeoutSeconds} s.`, {
        cause,
      })
    throw cause
  }
}

/** Waits before the next attempt, doubling from 200 ms with full jitter, at most 5 s. */
async function mayRetry(error: CausewayError, attempts: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted || !(error.retryable || error.code === 'tool-outcome-unknown')) return false
  try {
    await sleep(Math.random() * Math.min(5000, 200 * 2 ** attempts), undefined, { signal })
    return true
  } catch {
    return false
  }
}

function checked({ tool, spec }: ToolCall, output: unknown): unknown {
  const text = JSON.stringify(output ?? null)
  if (text.length > resultBytesAtMost)
    throw new CausewayError('invalid-tool-output', `${tool} answered with more than ${resultBytesAtMost} bytes.`)
  const problem = spec.output && mismatch(spec.output, output)
  if (problem)
    throw new CausewayError('invalid-tool-output', `The result of ${tool} does not match its output schema: ${problem}`)
  return output
}

/** A read has no effect to be unsure about; neither has a call that never left. */
function outcomeOf({ spec }: ToolCall, { code }: CausewayError): 'failed' | 'unknown' {
  return spec.effect !== 'read' && (code === 'tool-outcome-unknown' || code === 'tool-timeout') ? 'unknown' : 'failed'
}

const asCausewayError = (thrown: unknown): CausewayError =>
  thrown instanceof CausewayError ? thrown : new CausewayError('tool-failed', String(thrown), { cause: thrown })
