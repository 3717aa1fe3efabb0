import { sql } from 'kysely'
import { type Connection, inScope, type Scope } from '../database/index.ts'

/**
 * Marks an intended effect as being carried out, while the run is still owned here: a worker that was taken over from begins nothing.
 * @returns whether it was marked
 */
export async function markExecuting(
  connection: Connection,
  scope: Scope,
  { key, runId, fence }: { key: string; runId: string; fence: number },
): Promise<boolean> {
  // The lock lets a take-over wait until the mark stands, so that whoever takes over reads it.
  const { numAffectedRows } = await sql`
    with owned as (
      select id from runs where organisation_id = ${scope.organisationId} and environment_id = ${scope.environmentId}
        and id = ${runId} and fence = ${fence} and ended_at is null for share
    )
    update effects set state = 'executing', updated_at = now() from owned
    where organisation_id = ${scope.organisationId} and environment_id = ${scope.environmentId}
      and key = ${key} and state = 'intended'`.execute(connection)
  return numAffectedRows === 1n
}

/** The state in which the ledger has an effect. */
export async function effectState(connection: Connection, scope: Scope, key: string): Promise<string | undefined> {
  const row = await connection
    .selectFrom('effects')
    .select('state')
    .where(inScope(scope))
    .where('key', '=', key)
    .executeTakeFirst()
  return row?.state
}
