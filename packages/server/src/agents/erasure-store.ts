import type { LegalHold } from '@causeway/contracts'
import { sql } from 'kysely'
import { type Connection, inScope, type Scope } from '../database/index.ts'

/** A session with all that came of it: its forks, and the sessions of runs that its runs have started. */
export async function familyOf(connection: Connection, scope: Scope, id: string): Promise<string[]> {
  const { organisationId, environmentId } = scope
  const { rows } = await sql<{ id: string }>`
    with recursive family (id) as (
      select id from sessions
      where organisation_id = ${organisationId} and environment_id = ${environmentId} and id = ${id}
      union
      select further.id from family, lateral (
        select sessions.id from sessions
        where organisation_id = ${organisationId} and environment_id = ${environmentId} and forked_from = family.id
        union
        select child.session_id from runs as parent join runs as child on child.parent_run_id = parent.id
        where parent.organisation_id = ${organisationId} and parent.environment_id = ${environmentId}
          and parent.session_id = family.id
      ) as further
    )
    select id from family`.execute(connection)
  return rows.map(row => row.id)
}

/** Those of the sessions that must not be erased. They stay so until the transaction ends. */
export async function heldAmong(
  connection: Connection,
  scope: Scope,
  sessionIds: readonly string[],
): Promise<{ id: string; hold: LegalHold | null }[]> {
  const rows = await connection
    .selectFrom('sessions')
    .select(['id', 'hold'])
    .where(inScope(scope))
    .where('id', 'in', sessionIds)
    .orderBy('id')
    .forUpdate()
    .execute()
  return rows.filter(({ hold }) => hold !== null)
}

/** Keeps a session from being erased, or no longer. @returns whether that is a change */
export async function setHold(
  connection: Connection,
  scope: Scope,
  id: string,
  hold: LegalHold | null,
): Promise<boolean> {
  const { numUpdatedRows } = await connection
    .updateTable('sessions')
    .set({ hold: hold && JSON.stringify(hold) })
    .where(inScope(scope))
    .where('id', '=', id)
    .where('hold', hold ? 'is' : 'is not', null)
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

/** Runs of the sessions that have not ended. */
export async function openRunsOf(
  connection: Connection,
  scope: Scope,
  sessionIds: readonly string[],
): Promise<string[]> {
  const rows = await connection
    .selectFrom('runs')
    .select('id')
    .where(inScope(scope))
    .where('session_id', 'in', sessionIds)
    .where('ended_at', 'is', null)
    .execute()
  return rows.map(({ id }) => id)
}

/** Erases all words of the sessions: what was said, asked, called and answered. What they have cost stays. */
export async function eraseWords(
  connection: Connection,
  scope: Scope,
  sessionIds: readonly string[],
): Promise<{ runs: number; events: number }> {
  const runs = await connection
    .updateTable('runs')
    .set({ input: '', output: null, message: null, updated_at: new Date() })
    .where(inScope(scope))
    .where('session_id', 'in', sessionIds)
    .returning(['id', 'trace_id'])
    .execute()
  const { numDeletedRows } = await connection
    .deleteFrom('events')
    .where(inScope(scope))
    .where('session_id', 'in', sessionIds)
    .executeTakeFirstOrThrow()
  await connection.deleteFrom('approvals').where(inScope(scope)).where('session_id', 'in', sessionIds).execute()
  await connection.deleteFrom('attachments').where(inScope(scope)).where('session_id', 'in', sessionIds).execute()
  await connection
    .deleteFrom('webhook_deliveries')
    .where(inScope(scope))
    .where('session_id', 'in', sessionIds)
    .execute()
  if (runs.length > 0) {
    const [runIds, traceIds] = [runs.map(({ id }) => id), runs.map(run => run.trace_id)]
    await connection.deleteFrom('a2a_pushes').where(inScope(scope)).where('run_id', 'in', runIds).execute()
    await connection
      .updateTable('effects')
      .set({ result: null })
      .where(inScope(scope))
      .where('run_id', 'in', runIds)
      .execute()
    await connection.deleteFrom('spans').where(inScope(scope)).where('trace_id', 'in', traceIds).execute()
  }
  await connection
    .updateTable('sessions')
    .set({ erased_at: new Date() })
    .where(inScope(scope))
    .where('id', 'in', sessionIds)
    .execute()
  return { runs: runs.length, events: Number(numDeletedRows) }
}

/** Sessions of a person that have words: those that they have begun, or in which they have started a run. */
export async function sessionsOf(
  connection: Connection,
  scope: Scope,
  person: string,
  limit: number,
): Promise<string[]> {
  const rows = await connection
    .selectFrom('sessions')
    .select('id')
    .where(inScope(scope))
    .where('erased_at', 'is', null)
    .where(({ or, eb, exists, selectFrom }) =>
      or([
        eb('created_by', '=', person),
        exists(
          selectFrom('runs')
            .select('runs.id')
            .where(inScope(scope))
            .whereRef('runs.session_id', '=', 'sessions.id')
            .where('runs.requested_by', '=', person),
        ),
      ]),
    )
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

/** Sessions of any tenant with words that are older, and in which nothing is under way. */
export async function oldSessions(
  connection: Connection,
  before: Date,
  limit: number,
): Promise<(Scope & { id: string; environment: string })[]> {
  // across tenants: what is old goes, whosoever it is
  const { rows } = await sql<{ id: string; organisation_id: string; environment_id: string; environment: string }>`
    select sessions.id, sessions.organisation_id, sessions.environment_id, environments.name as environment
    from sessions join environments on environments.id = sessions.environment_id
    where sessions.erased_at is null and sessions.hold is null and sessions.created_at < ${before}
      and not exists (
        select from runs where runs.session_id = sessions.id and (runs.ended_at is null or runs.ended_at >= ${before}))
    limit ${limit}`.execute(connection)
  return rows.map(row => ({
    id: row.id,
    organisationId: row.organisation_id,
    environmentId: row.environment_id,
    environment: row.environment,
  }))
}
