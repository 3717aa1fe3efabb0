import type { Logger } from '../../telemetry/index.ts'
import type { StoredResponses } from './stored-responses.ts'

const everyMs = 10 * 60 * 1000

interface RemovalOptions {
  responses: Pick<StoredResponses, 'expire'>
  logger: Logger
}

/** Removes responses whose time has run out now and then, on every replica. @returns the end of it */
export function startRemoval({ responses, logger }: RemovalOptions): () => void {
  let running = false
  const timer = setInterval(() => {
    if (running) return
    running = true
    responses
      .expire()
      .catch((error: unknown) => logger.warn({ err: error }, 'overdue responses could not be removed'))
      .finally(() => (running = false))
  }, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}
