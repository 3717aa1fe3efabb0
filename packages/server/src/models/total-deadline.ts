import { CausewayError } from '@causeway/contracts'

/** A signal that follows another one and aborts by itself after a while. */
export interface TotalDeadline extends Disposable {
  signal: AbortSignal
}

/** Bounds a whole call, retries included. Disposing stops the timer. */
export function withTotalDeadline(outer: AbortSignal, milliseconds: number): TotalDeadline {
  const controller = new AbortController()
  const follow = (): void => controller.abort(outer.reason)
  if (outer.aborted) follow()
  outer.addEventListener('abort', follow, { once: true })
  const timer = setTimeout(
    () =>
      controller.abort(new CausewayError('provider-timeout', `The call took longer than ${milliseconds / 1000} s.`)),
    milliseconds,
  )
  timer.unref()
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      clearTimeout(timer)
      outer.removeEventListener('abort', follow)
    },
  }
}
