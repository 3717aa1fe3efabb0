import { repeatedly } from '../../jobs/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import { callDeadline } from '../call-deadline.ts'
import { ClientGone } from '../gateway/client-gone.ts'
import type { ProviderBatches } from './provider-batches.ts'
import type { BatchDependencies } from './provider-files.ts'
import { giveUpBatch } from './settle-batch.ts'
import { takeDueBatches, type StoredBatch } from './store.ts'

const everyMs = 5_000
const batchesAtOnce = 20
const longestLookMs = 10 * 60_000
/** A batch ends within a day, and what it put out is kept longer than this. */
const givenUpAfterMs = 8 * 86_400_000

interface WatchOptions extends BatchDependencies {
  batches: Pick<ProviderBatches, 'refresh'>
  logger: Logger
}

/** Settles batches when they have ended, also where nobody asks for them. @returns the end of it */
export function watchBatches({ batches, logger, ...dependencies }: WatchOptions): () => Promise<void> {
  const closing = new AbortController()

  const look = async (batch: StoredBatch): Promise<void> => {
    using deadline = callDeadline(longestLookMs, closing.signal)
    try {
      await batches.refresh(batch, deadline.signal)
    } catch (error) {
      if (closing.signal.aborted) return
      logger.warn({ err: error, batch: batch.id, provider: batch.provider }, 'a batch could not be looked at')
      if (Date.now() - batch.createdAt.getTime() > givenUpAfterMs) await giveUpBatch(dependencies, batch)
    }
  }
  const lookAtAll = async (): Promise<void> => {
    for (const batch of await takeDueBatches(dependencies.database.kysely, batchesAtOnce))
      if (!closing.signal.aborted) await look(batch)
  }
  const stop = repeatedly(lookAtAll, {
    everyMs,
    onError: error => logger.warn({ err: error }, 'batches could not be looked at; it is tried again'),
  })
  return () => {
    closing.abort(new ClientGone())
    return stop()
  }
}
