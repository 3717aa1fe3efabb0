import { repeatedly } from '../../jobs/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import type { StoredResponses } from './stored-responses.ts'

const everyMs = 10 * 60 * 1000

interface RemovalOptions {
  responses: Pick<StoredResponses, 'expire'>
  logger: Logger
}

/** Removes responses whose time has run out now and then, on every replica. @returns the end of it */
export function startRemoval({ responses, logger }: RemovalOptions): () => Promise<void> {
  return repeatedly(() => responses.expire(), {
    everyMs,
    onError: error => logger.warn({ err: error }, 'overdue responses could not be removed'),
  })
}
