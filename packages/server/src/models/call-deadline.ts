import { CausewayError } from '@causeway/contracts'

/** The signal of a whole call. Disposing stops its timer. */
export interface CallDeadline extends Disposable {
  signal: AbortSignal
  abort(reason: Error): void
}

/** Bounds a whole call, retries included. Follows `outer` when there is one. */
export function callDeadline(milliseconds: number, outer?: AbortSignal): CallDeadline {
  const controller = new AbortController()
  const abort = (reason: unknown): void => controller.abort(reason)
  const follow = (): void => abort(outer?.reason)
  if (outer?.aborted) follow()
  outer?.addEventListener('abort', follow, { once: true })
  const timer = setTimeout(
    () => abort(new CausewayError('provider-timeout', `The call took longer than ${milliseconds / 1000} s.`)),
    milliseconds,
  )
  timer.unref()
  return {
    signal: controller.signal,
    abort,
    [Symbol.dispose]: () => {
      clearTimeout(timer)
      outer?.removeEventListener('abort', follow)
    },
  }
}
