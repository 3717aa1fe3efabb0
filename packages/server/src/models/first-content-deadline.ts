import { silence } from './providers/transport/connection-failure.ts'

/** Gives an attempt up that says nothing for too long, whatever else it sends. */
export interface FirstContentDeadline {
  /** Aborts when the time is over before `met`, and when the call itself is aborted. */
  signal: AbortSignal
  /** The answer has begun, or the attempt has ended otherwise. */
  met(): void
}

export function firstContentDeadline(provider: string, milliseconds: number, call: AbortSignal): FirstContentDeadline {
  const controller = new AbortController()
  const follow = (): void => controller.abort(call.reason)
  if (call.aborted) follow()
  // The signal of a call lives as long as the call, and its listeners with it.
  call.addEventListener('abort', follow, { once: true })
  const timer = setTimeout(() => controller.abort(silence(provider, milliseconds)), milliseconds)
  timer.unref()
  return { signal: controller.signal, met: () => clearTimeout(timer) }
}
