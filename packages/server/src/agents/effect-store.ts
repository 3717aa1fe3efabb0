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

/** An effect that has a name of its own, whichever run has brought it about. */
export interface NamedEffect {
  state: 'intended' | 'executing' | 'completed' | 'failed' | 'unknown'
  runId: string
  callId: string
  /** Whether the run that has it has ended, so that it brings nothing about any more. */
  abandoned: boolean
  updatedAt: Date
}

/** Who has brought an effect about, or is about to. */
export async function findNamedEffect(
  connection: Connection,
  scope: Scope,
  key: string,
): Promise<NamedEffect | undefined> {
  const row = await connection
    .selectFrom('effects')
    .innerJoin('runs', 'runs.id', 'effects.run_id')
    .select(['effects.state', 'effects.run_id', 'effects.call_id', 'effects.updated_at', 'runs.ended_at'])
    .where('effects.organisation_id', '=', scope.organisationId)
    .where('effects.environment_id', '=', scope.environmentId)
    .where('effects.key', '=', key)
    .executeTakeFirst()
  if (!row) return undefined
  const { state, run_id: runId, call_id: callId, updated_at: updatedAt, ended_at: endedAt } = row
  return { state, runId, callId, updatedAt, abandoned: endedAt !== null }
}

/**
 * Takes an effect for a call that is about to be made, if it still stands as it stood when the call was decided on: of two calls at the
 * same time one gets it.
 * @returns whether the call has it
 */
export async function claimNamedEffect(
  connection: Connection,
  scope: Scope,
  claim: { key: string; runId: string; callId: string; tool: string; toolVersion: string; argumentsHash: string },
  stood: NamedEffect | undefined,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into effects (organisation_id, environment_id, key, run_id, call_id, tool, tool_version, arguments_hash, state)
    values (${scope.organisationId}, ${scope.environmentId}, ${claim.key}, ${claim.runId}, ${claim.callId}, ${claim.tool},
      ${claim.toolVersion}, ${claim.argumentsHash}, 'intended')
    on conflict (organisation_id, environment_id, key) do update set state = 'intended', run_id = excluded.run_id,
      call_id = excluded.call_id, tool_version = excluded.tool_version, arguments_hash = excluded.arguments_hash, updated_at = now()
    where effects.state = ${stood?.state ?? ''} and effects.run_id = ${stood?.runId ?? ''}
      and effects.call_id = ${stood?.callId ?? ''}`.execute(connection)
  return numAffectedRows === 1n
}
