import type { SignedAuditHead } from '@causeway/contracts'
import type { Connection } from '../database/index.ts'
import { genesis } from './store.ts'

/** Where a log ends and where its removed rows end. */
export interface LogEnds {
  sequence: number
  removed: SignedAuditHead | null
}

/** The organisations that have a log. */
export async function allLogs(connection: Connection): Promise<string[]> {
  // across tenants: for how long rows are kept is the operator's word for all of them.
  const rows = await connection.selectFrom('audit_heads').select('organisation_id').orderBy('organisation_id').execute()
  return rows.map(({ organisation_id }) => organisation_id)
}

/** Nobody appends to the log or removes from it until the transaction ends. */
export const lockLog = (transaction: Connection, organisationId: string): Promise<LogEnds | undefined> =>
  transaction
    .selectFrom('audit_heads')
    .select(['sequence', 'removed'])
    .where('organisation_id', '=', organisationId)
    .forUpdate()
    .executeTakeFirst()

/** When the oldest session began that is under legal hold. */
export async function oldestHold(connection: Connection, organisationId: string): Promise<Date | undefined> {
  // across tenants: the log is that of an organisation, over all its environments.
  const row = await connection
    .selectFrom('sessions')
    .select('created_at')
    .where('organisation_id', '=', organisationId)
    .where('hold', 'is not', null)
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirst()
  return row?.created_at
}

/** The row up to which all are older than a time and none is missing, among the next `limit` of a log. The last row of the log stays. */
export async function lastOlder(
  connection: Connection,
  organisationId: string,
  { ends: { sequence, removed }, before, limit }: { ends: LogEnds; before: Date; limit: number },
): Promise<{ sequence: number; hash: string; rows: number } | undefined> {
  const rows = await connection
    .selectFrom('audit_log')
    .select(['sequence', 'hash', 'previous_hash', 'at'])
    .where('organisation_id', '=', organisationId)
    .where('sequence', '>', removed?.sequence ?? 0)
    .where('sequence', '<', sequence)
    .orderBy('sequence')
    .limit(limit)
    .execute()
  let last = { sequence: removed?.sequence ?? 0, hash: removed?.hash ?? genesis, rows: 0 }
  for (const row of rows) {
    // What somebody has changed is kept, so that it is found.
    if (row.at >= before || row.sequence !== last.sequence + 1 || row.previous_hash !== last.hash) break
    last = { sequence: row.sequence, hash: row.hash, rows: last.rows + 1 }
  }
  return last.rows > 0 ? last : undefined
}

/** Removes the rows up to one, and notes where they ended. */
export async function removeUpTo(
  transaction: Connection,
  organisationId: string,
  removed: SignedAuditHead,
): Promise<void> {
  await transaction
    .deleteFrom('audit_log')
    .where('organisation_id', '=', organisationId)
    .where('sequence', '<=', removed.sequence)
    .execute()
  await noteRemoved(transaction, organisationId, removed)
}

export async function noteRemoved(
  transaction: Connection,
  organisationId: string,
  removed: SignedAuditHead,
): Promise<void> {
  await transaction
    .updateTable('audit_heads')
    .set({ removed: JSON.stringify(removed) })
    .where('organisation_id', '=', organisationId)
    .execute()
}
