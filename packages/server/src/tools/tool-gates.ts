import { CausewayError } from '@causeway/contracts'
import {
  BrokenCircuitError,
  bulkhead,
  BulkheadRejectedError,
  circuitBreaker,
  ConsecutiveBreaker,
  handleWhen,
  wrap,
  type IPolicy,
} from 'cockatiel'
import { ToolOutage, type ToolCall } from './tool-call.ts'

/** What stands between a call and its tool: how many are made at once and in a minute, and whether the tool answers at all. For this replica. */
export interface ToolGates {
  /** @throws CausewayError tool-unavailable, rate-limited: the call has not left; else what the attempt throws */
  enter<Result>(call: ToolCall, signal: AbortSignal, attempt: () => Promise<Result>): Promise<Result>
}

const failuresToOpen = 5
const pauseMs = 30_000
const waitingAtMost = 1000
const toolsRemembered = 10_000

interface Gate {
  policy: IPolicy
  /** Instants of the calls of the last minute, the oldest first. */
  left: number[]
  /** What the limits were when the gate was made. */
  limits: string
}

/** Whether a tool did not answer, whatever it was asked: what it says of a call is no sign of its health. */
const isOutage = (error: unknown): boolean =>
  error instanceof CausewayError &&
  (error.cause instanceof ToolOutage || error.code === 'tool-timeout' || error.code === 'tool-outcome-unknown')

export function createToolGates({ now = Date.now }: { now?: () => number } = {}): ToolGates {
  const gates = new Map<string, Gate>()

  const gateOf = ({ scope, tool, spec: { limits } }: ToolCall): Gate => {
    const key = `${scope.environmentId} ${tool}`
    const known = gates.get(key)
    const written = JSON.stringify(limits ?? null)
    if (known?.limits === written) return known
    const breaker = circuitBreaker(handleWhen(isOutage), {
      breaker: new ConsecutiveBreaker(failuresToOpen),
      halfOpenAfter: pauseMs,
    })
    const policy =
      limits?.concurrent === undefined ? breaker : wrap(bulkhead(limits.concurrent, waitingAtMost), breaker)
    const gate = { policy, left: [], limits: written }
    if (gates.size >= toolsRemembered) gates.delete(gates.keys().next().value ?? '')
    gates.set(key, gate)
    return gate
  }

  return {
    async enter(call, signal, attempt) {
      const gate = gateOf(call)
      requireRate(gate, call, now())
      let entered = false
      const passed = gate.policy.execute(() => {
        signal.throwIfAborted()
        entered = true
        return attempt()
      })
      try {
        return await Promise.race([passed, rejectedBy(signal)])
      } catch (error) {
        // Whatever becomes of a call that was given up while it waited, nobody hears of it any more.
        passed.catch(() => undefined)
        if (error instanceof BrokenCircuitError)
          throw new CausewayError(
            'tool-unavailable',
            `${call.tool} did not answer ${failuresToOpen} times in a row, and is left alone for ${pauseMs / 1000} s.`,
            { retryAfterSeconds: pauseMs / 1000 },
          )
        if (error instanceof BulkheadRejectedError || !entered)
          throw new CausewayError('rate-limited', `Too many calls of ${call.tool} are under way.`, { cause: error })
        // The attempt ends by the same signal, with what can be said of the call.
        return passed
      }
    },
  }
}

const minuteMs = 60_000

/** @throws CausewayError rate-limited */
function requireRate({ left }: Gate, { tool, spec: { limits } }: ToolCall, now: number): void {
  const most = limits?.perMinute
  if (most === undefined) return
  while ((left[0] ?? now) <= now - minuteMs) left.shift()
  const [oldest] = left
  if (left.length >= most && oldest !== undefined) {
    const retryAfterSeconds = Math.max(1, Math.ceil((oldest + minuteMs - now) / 1000))
    throw new CausewayError(
      'rate-limited',
      `${tool} is called ${most} times a minute at most; wait ${retryAfterSeconds} s.`,
      {
        retryAfterSeconds,
      },
    )
  }
  left.push(now)
}

const rejectedBy = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
