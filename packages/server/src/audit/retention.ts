import type { Database } from '../database/index.ts'
import { repeatedly } from '../jobs/index.ts'
import type { Logger } from '../telemetry/index.ts'
import type { Audit } from './create-audit.ts'
import { allLogs, lastOlder, lockLog, noteRemoved, oldestHold, removeUpTo } from './retention-store.ts'
import { isSigned, signHead, type HeadKeys } from './signed-head.ts'

const everyMs = 10 * 60 * 1000
const dayMs = 86_400_000
/** Rows of a log that one transaction removes: appends wait for it. */
const rowsAtOnce = 1000
/** Transactions of a log in one go; what is left waits for the next. */
const roundsAtMost = 200

interface AuditRetentionOptions {
  database: Database
  audit: Pick<Audit, 'record'>
  keys: HeadKeys
  logger: Logger
  /** Rows are kept for ever where nothing is set. */
  keepDays: number | undefined
}

/**
 * Removes the oldest rows of audit logs when their time is over, at the start and now and then. Where they ended is signed, so that the
 * rest can still be verified and nobody else can remove any. From the begin of a session under legal hold on, all rows stay.
 * @returns the end of it
 */
export function startAuditRetention(options: AuditRetentionOptions): () => Promise<void> {
  const { database, logger } = options
  const onError = (error: unknown): void =>
    logger.warn({ err: error }, 'old rows of the audit log could not be removed; it is tried again')
  const sweep = async (stopping: AbortSignal): Promise<void> => {
    for (const organisationId of await allLogs(database.kysely)) {
      // A log that cannot be swept, such as one whose key is gone, does not keep the others from it.
      let more = true
      for (let round = 0; more && round < roundsAtMost && !stopping.aborted; round++)
        more = await removeSome(options, organisationId).catch((error: unknown) => (onError(error), false))
    }
  }
  return repeatedly(sweep, { everyMs, atOnce: true, onError })
}

/** @returns whether there may be more to remove */
function removeSome(
  { database, audit, keys, keepDays }: AuditRetentionOptions,
  organisationId: string,
): Promise<boolean> {
  return database.transaction(async transaction => {
    const ends = await lockLog(transaction, organisationId)
    if (!ends) return false
    const { removed } = ends
    if (removed && !isSigned(keys.find(removed.keyId), removed)) return false
    const now = new Date()
    const last =
      keepDays === undefined
        ? undefined
        : await lastOlder(transaction, organisationId, {
            ends,
            before: earlier(new Date(now.getTime() - keepDays * dayMs), await oldestHold(transaction, organisationId)),
            limit: rowsAtOnce,
          })
    if (last) {
      const { sequence, hash, rows } = last
      const head = { organisationId, sequence, hash, at: now.toISOString() }
      await removeUpTo(transaction, organisationId, signHead(keys.newest(), head))
      await audit.record(transaction, {
        organisationId,
        environment: null,
        actor: 'causeway',
        action: 'audit.removed',
        subject: `rows up to ${sequence}`,
        detail: { rows, sequence, hash, keepDays },
      })
    } else if (removed && removed.keyId !== keys.newest().id)
      // The key that it was signed under will be gone.
      await noteRemoved(transaction, organisationId, signHead(keys.newest(), removed))
    return last?.rows === rowsAtOnce
  })
}

const earlier = (one: Date, other: Date | undefined): Date => (other && other < one ? other : one)
