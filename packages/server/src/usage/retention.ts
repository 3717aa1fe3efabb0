import type { Database } from '../database/index.ts'
import { repeatedly } from '../jobs/index.ts'
import { deleteExpiredMemories } from '../memory/index.ts'
import { deleteOldOutcomes } from '../objectives/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { deleteOldDeliveries } from '../webhooks/index.ts'
import { deleteOldAlerts, deleteOldCalls, deleteOldCounters, deleteOldSlots } from './retention-store.ts'

const everyMs = 10 * 60 * 1000
/** Rows that one statement deletes at most, so that none holds locks for long. */
const batch = 2000
/** Statements in one go; what is left waits for the next. */
const batchesAtMost = 100
const dayMs = 86_400_000
/** Long enough to send again what a receiver has lost. */
const keepDeliveriesDays = 30
/** The longest window is a month; what replicas settle late still finds its counter. */
const keepCountersDays = 62
/** The longest window of an objective. */
const keepOutcomesDays = 90

interface RetentionOptions {
  database: Database
  logger: Logger
  keepCallsDays: number
}

/** Removes old records of model calls, counters of past budget windows and memories that have expired, at the start and now and then. @returns the end of it */
export function startRetention({ database, logger, keepCallsDays }: RetentionOptions): () => Promise<void> {
  const sweep = async (stopping: AbortSignal): Promise<void> => {
    const drain = async (deleteSome: (before: Date) => Promise<number>, days: number): Promise<void> => {
      const before = new Date(Date.now() - days * dayMs)
      for (let round = 0; round < batchesAtMost && !stopping.aborted; round++)
        if ((await deleteSome(before)) < batch) return
    }
    await drain(before => deleteOldCalls(database.kysely, before, batch), keepCallsDays)
    await drain(before => deleteOldCounters(database.kysely, before, batch), keepCountersDays)
    await drain(before => deleteOldAlerts(database.kysely, before, batch), keepCountersDays)
    await drain(before => deleteOldDeliveries(database.kysely, before, batch), keepDeliveriesDays)
    await drain(before => deleteOldSlots(database.kysely, before, batch), keepCountersDays)
    await drain(before => deleteOldOutcomes(database.kysely, before, batch), keepOutcomesDays)
    await drain(now => deleteExpiredMemories(database.kysely, now, batch), 0)
  }
  return repeatedly(sweep, {
    everyMs,
    atOnce: true,
    onError: error => logger.warn({ err: error }, 'old records could not be removed; it is tried again'),
  })
}
