import type { ServerResponse } from 'node:http'

/** Tells when a client leaves before its answer has ended. Disposing stops the watch. */
export function watchDeparture(response: ServerResponse, onGone: () => void): Disposable {
  const onClose = (): void => {
    if (!response.writableFinished) onGone()
  }
  if (response.destroyed) onClose()
  response.once('close', onClose)
  return { [Symbol.dispose]: () => void response.off('close', onClose) }
}
