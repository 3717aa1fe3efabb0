import { sql } from 'kysely'
import type { Connection } from '../database/index.ts'

/** Deletes records of calls that began before then, so many at most. @returns how many */
export async function deleteOldCalls(connection: Connection, before: Date, limit: number): Promise<number> {
  // across tenants: how long records are kept is one setting of the operator
  const { numAffectedRows = 0n } = await sql`
    delete from model_calls where id in (select id from model_calls where started_at < ${before} limit ${limit})`.execute(
    connection,
  )
  return Number(numAffectedRows)
}

/** Deletes slots of budgets that no call was made in since then, so many at most. @returns how many */
export async function deleteOldSlots(connection: Connection, before: Date, limit: number): Promise<number> {
  // across tenants: as above
  const { numAffectedRows = 0n } = await sql`
    delete from budget_slots where ctid in (
      select ctid from budget_slots where touched_at < ${before} limit ${limit})`.execute(connection)
  return Number(numAffectedRows)
}

/** Deletes counters of budget windows that began before then, so many at most. @returns how many */
export async function deleteOldCounters(connection: Connection, before: Date, limit: number): Promise<number> {
  // across tenants: as above
  const { numAffectedRows = 0n } = await sql`
    delete from budget_counters where ctid in (
      select ctid from budget_counters where window_start < ${before} limit ${limit})`.execute(connection)
  return Number(numAffectedRows)
}

export async function deleteOldAlerts(connection: Connection, before: Date, limit: number): Promise<number> {
  // across tenants: as above
  const { numAffectedRows = 0n } = await sql`
    delete from budget_alerts where ctid in (
      select ctid from budget_alerts where window_start < ${before} limit ${limit})`.execute(connection)
  return Number(numAffectedRows)
}
