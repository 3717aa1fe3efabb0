import type { WorkerCall, WorkerResult } from '@causeway/contracts'
import type { ServedTool } from '../define-tool.ts'

/** Longest message that the platform takes. */
const messageAtMost = 10_000

const failed = (callId: string, message: string): WorkerResult => ({
  callId,
  outcome: 'failed',
  message: message.slice(0, messageAtMost),
})

/**
 * Runs a call.
 * @param remainingMs until the platform gives the call up
 * @returns undefined when that came first: whether the call took effect is then not known, and nobody waits for it
 */
export async function answerCall(
  tool: ServedTool | undefined,
  { callId, tool: name, arguments: values, idempotencyKey, runId }: WorkerCall,
  remainingMs: number,
): Promise<WorkerResult | undefined> {
  if (!tool) return failed(callId, `This worker does not serve ${name}.`)
  const deadline = new AbortController()
  // A function that ignores its signal must not hold its place for ever.
  const over = new Promise<undefined>(resolve =>
    deadline.signal.addEventListener('abort', () => resolve(undefined), { once: true }),
  )
  const timer = setTimeout(
    () => deadline.abort(new DOMException('The deadline of the call has passed.', 'TimeoutError')),
    Math.max(0, remainingMs),
  )
  const work = runTool(tool, callId, values, { idempotencyKey, runId, signal: deadline.signal })
  try {
    return await Promise.race([work, over])
  } finally {
    clearTimeout(timer)
  }
}

async function runTool(
  tool: ServedTool,
  callId: string,
  ...[values, context]: Parameters<ServedTool['run']>
): Promise<WorkerResult | undefined> {
  try {
    const output = (await tool.run(values, context)) ?? null
    // What cannot be sent is found here, where it can still be said.
    JSON.stringify(output)
    return context.signal.aborted ? undefined : { callId, outcome: 'completed', output }
  } catch (error) {
    if (context.signal.aborted) return undefined
    return failed(callId, error instanceof Error ? error.message : String(error))
  }
}
