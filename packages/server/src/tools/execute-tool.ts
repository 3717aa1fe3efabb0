import { setTimeout as sleep } from 'node:timers/promises'
import { CausewayError, type ErrorCode, type ToolSpec } from '@causeway/contracts'
import { mismatch } from '../json-schema/index.ts'
import { AskedInput, askingContent } from './asked-input.ts'
import type { ToolGates } from './tool-gates.ts'
import {
  Accepted,
  CallRefused,
  LabelledOutput,
  resultBytesAtMost,
  RichOutput,
  type AttemptTool,
  type Reconciled,
  type ReconcileTool,
  type ToolCall,
  type ToolResult,
} from './tool-call.ts'

/** Runs a call that has been decided and recorded: attempts, deadline, retries where they are safe, and the check of the result. */
export type ExecuteTool = (call: ToolCall, signal: AbortSignal) => Promise<ToolResult>

/** A call may be repeated only if that cannot cause a second effect. */
export const isRepeatable = ({ spec }: Pick<ToolCall, 'spec'>): boolean => spec.idempotent || spec.effect === 'read'

type Kind = Exclude<ToolSpec['implementation']['type'], 'agent'>

export function createExecuteTool(
  gates: ToolGates,
  kinds: Readonly<Record<Kind, AttemptTool>>,
  reconciling: Readonly<Partial<Record<Kind, ReconcileTool>>> = {},
): ExecuteTool {
  return async (call, signal) => {
    const { type } = call.spec.implementation
    if (type === 'agent') throw new CausewayError('internal', `${call.tool} is an agent, which is called as a run.`)
    const attempt = kinds[type]
    const startedAt = performance.now()
    const took = (attempts: number) => ({ attempts, durationMs: performance.now() - startedAt })
    const attemptsAtMost = isRepeatable(call) || call.before !== undefined ? call.spec.retries + 1 : 1
    for (let attempts = 1; ; attempts++) {
      try {
        if (call.before === 'interrupted') throw interrupted(call)
        const answer = await once(call, gates, attempt, signal)
        if (answer instanceof Accepted) return { outcome: 'accepted', accepted: answer, ...took(attempts) }
        return { outcome: 'completed', ...checkedAnswer(call, answer), ...took(attempts) }
      } catch (thrown) {
        const error = asCausewayError(thrown)
        if (
          call.before !== 'interrupted' &&
          attempts < attemptsAtMost &&
          error.code !== 'invalid-tool-output' &&
          error.code !== 'tool-unavailable' &&
          (await mayRetry(error, attempts, signal))
        )
          continue
        const accepted = stillAccepted(call, error)
        if (accepted) return { outcome: 'accepted', accepted, ...took(attempts) }
        const outcome = outcomeOf(call, error)
        const found = outcome === 'unknown' ? await reconciled(call, reconciling[type], signal) : undefined
        if (found && 'output' in found) return { outcome: 'completed', output: found.output, ...took(attempts) }
        if (found) return { outcome: 'failed', error: found.error, ...took(attempts) }
        return { outcome, error: { code: error.code, message: error.message }, ...took(attempts) }
      }
    }
  }
}

const saysNothing: ReadonlySet<ErrorCode> = new Set([
  'tool-timeout',
  'tool-unavailable',
  'tool-outcome-unknown',
  'rate-limited',
])

/** A tool that was asked for a result and did not answer may have it later. */
const stillAccepted = ({ before }: ToolCall, { code }: CausewayError): Accepted | undefined =>
  typeof before === 'object' && saysNothing.has(code) ? new Accepted(before.accepted) : undefined

const interrupted = ({ tool }: ToolCall): CausewayError =>
  new CausewayError('tool-outcome-unknown', `The run was interrupted while ${tool} was being called.`)

/** Waits before the tool is asked what became of a call, in milliseconds: it may still be at work on it. */
const reconcileAfterMs = [500, 2_000, 8_000]

/** Asks the tool what became of a call. */
async function reconciled(
  call: ToolCall,
  reconcile: ReconcileTool | undefined,
  signal: AbortSignal,
): Promise<Reconciled> {
  const ask = reconcile?.(call)
  if (!ask) return undefined
  for (const waitMs of reconcileAfterMs) {
    try {
      await sleep(waitMs, undefined, { signal })
      const found = await ask(AbortSignal.any([signal, deadlineOf(call)]))
      if (found && 'output' in found) return { output: checkedOutput(call, found.output) }
      if (found) return found
    } catch {
      // What cannot be found out now may be the next time, and stays unknown else.
      if (signal.aborted) return undefined
    }
  }
  return undefined
}

const deadlineOf = ({ spec }: ToolCall): AbortSignal => AbortSignal.timeout(spec.timeoutSeconds * 1000)

async function once(call: ToolCall, gates: ToolGates, attempt: AttemptTool, signal: AbortSignal): Promise<unknown> {
  const deadline = deadlineOf(call)
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

/** A tool that wants to be left alone for longer is not called again, in milliseconds. */
const askedWaitAtMostMs = 30_000

/** Waits before the next attempt, doubling from 200 ms with full jitter, at most 5 s; or for as long as the tool asks for. */
async function mayRetry(error: CausewayError, attempts: number, signal: AbortSignal): Promise<boolean> {
  const { retryable, code, cause, retryAfterSeconds = 0 } = error
  if (signal.aborted || cause instanceof CallRefused || !(retryable || code === 'tool-outcome-unknown')) return false
  const askedMs = retryAfterSeconds * 1000
  if (askedMs > askedWaitAtMostMs) return false
  try {
    await sleep(Math.max(askedMs, Math.random() * Math.min(5000, 200 * 2 ** attempts)), undefined, { signal })
    return true
  } catch {
    return false
  }
}

function checkedAnswer(call: ToolCall, answer: unknown): Pick<Completed, 'output' | 'content' | 'parts'> {
  if (answer instanceof AskedInput) return asking(call, answer)
  if (answer instanceof LabelledOutput) return { output: checkedOutput(call, answer.output), parts: answer.parts }
  if (!(answer instanceof RichOutput)) return { output: checkedOutput(call, answer) }
  if (JSON.stringify(answer.content).length > resultBytesAtMost) throw tooLong(call)
  return { output: checkedOutput(call, answer.output), content: answer.content }
}

/** What a tool asks is no answer that its output schema speaks of. A model is told that there is a question, and clients what it is. */
function asking(call: ToolCall, asked: AskedInput): Pick<Completed, 'output' | 'content'> {
  const content = [askingContent(asked)]
  if (JSON.stringify(content).length > resultBytesAtMost) throw tooLong(call)
  const methods = [...new Set(Object.values(asked.requests).map(({ method }) => method))].join(', ')
  return { output: `${call.tool} asks its client for input (${methods}) and has done nothing yet.`, content }
}

type Completed = Extract<ToolResult, { outcome: 'completed' }>

const tooLong = ({ tool }: Pick<ToolCall, 'tool'>): CausewayError =>
  new CausewayError('invalid-tool-output', `${tool} answered with more than ${resultBytesAtMost} bytes.`)

/** What a tool has said, if it may say that. @throws CausewayError invalid-tool-output */
export function checkedOutput(call: Pick<ToolCall, 'tool' | 'spec'>, output: unknown): unknown {
  const { tool, spec } = call
  const text = JSON.stringify(output ?? null)
  if (text.length > resultBytesAtMost) throw tooLong(call)
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
