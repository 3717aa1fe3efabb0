import { SessionEvent, type Session } from '@causeway/contracts'
import { sql, type Selectable } from 'kysely'
import { type Connection, inScope, ownedBy, type Scope, type Tables } from '../database/index.ts'

const toSession = (row: Selectable<Tables['sessions']>, environment: string): Session => ({
  id: row.id,
  environment,
  agent: row.agent,
  agentVersion: row.agent_version,
  lastSequence: row.last_sequence,
  forkedFrom: row.forked_from === null ? null : { sessionId: row.forked_from, after: row.forked_after ?? 0 },
  createdAt: row.created_at.toISOString(),
  erasedAt: row.erased_at?.toISOString() ?? null,
  hold: row.hold,
})

export interface NewSession {
  id: string
  agent: string
  agentVersion: string
  createdBy: string
  forkedFrom?: { sessionId: string; after: number }
  /** Of the events that it gets in the same transaction. */
  lastSequence?: number
  dataClasses?: readonly string[]
}

const insertion = (
  connection: Connection,
  scope: Scope,
  { id, agent, agentVersion, createdBy, forkedFrom, lastSequence, dataClasses = [] }: NewSession,
) =>
  connection.insertInto('sessions').values({
    ...ownedBy(scope),
    id,
    agent,
    agent_version: agentVersion,
    created_by: createdBy,
    forked_from: forkedFrom?.sessionId ?? null,
    forked_after: forkedFrom?.after ?? null,
    last_sequence: lastSequence ?? forkedFrom?.after ?? 0,
    erased_at: null,
    hold: null,
    data_classes: [...dataClasses],
  })

export async function insertSession(connection: Connection, scope: Scope, session: NewSession): Promise<void> {
  await insertion(connection, scope, session).execute()
}

/** Makes a session unless there is one with this id. */
export async function ensureSession(connection: Connection, scope: Scope, session: NewSession): Promise<void> {
  await insertion(connection, scope, session)
    .onConflict(conflict => conflict.doNothing())
    .execute()
}

export async function findSession(
  connection: Connection,
  scope: Scope & { environment: string },
  id: string,
): Promise<Session | undefined> {
  const row = await connection
    .selectFrom('sessions')
    .selectAll()
    .where(inScope(scope))
    .where('id', '=', id)
    .executeTakeFirst()
  return row && toSession(row, scope.environment)
}

/** Gives a session the events of another one, with their places and the runs that they are of, and what is known of them. */
export async function copyEvents(
  connection: Connection,
  scope: Scope,
  { from, to, upTo }: { from: string; to: string; upTo: number },
): Promise<void> {
  await sql`
    insert into events (session_id, sequence, run_id, organisation_id, environment_id, type, schema_version, data, at)
    select ${to}, sequence, run_id, organisation_id, environment_id, type, schema_version, data, at from events
    where organisation_id = ${scope.organisationId} and environment_id = ${scope.environmentId}
      and session_id = ${from} and sequence <= ${upTo}`.execute(connection)
  const dataClasses = await dataClassesRead(connection, scope, from)
  await connection
    .updateTable('sessions')
    .set({ data_classes: dataClasses })
    .where(inScope(scope))
    .where('id', '=', to)
    .execute()
}

/** The classes of data that the model may have read in a session. */
export async function dataClassesRead(connection: Connection, scope: Scope, id: string): Promise<string[]> {
  const row = await connection
    .selectFrom('sessions')
    .select('data_classes')
    .where(inScope(scope))
    .where('id', '=', id)
    .executeTakeFirst()
  return row?.data_classes ?? []
}

/** How far the log of a session goes. */
export async function logOf(connection: Connection, scope: Scope, id: string): Promise<{ lastSequence: number }> {
  const row = await connection
    .selectFrom('sessions')
    .select('last_sequence')
    .where(inScope(scope))
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return { lastSequence: row.last_sequence }
}

export async function listSessions(
  connection: Connection,
  scope: Scope & { environment: string },
  { before, limit }: { before: string | undefined; limit: number },
): Promise<Session[]> {
  let query = connection.selectFrom('sessions').selectAll().where(inScope(scope)).orderBy('id', 'desc').limit(limit)
  if (before) query = query.where('id', '<', before)
  return (await query.execute()).map(row => toSession(row, scope.environment))
}

/** Events of a session after a sequence number, in order; those of one run and of some types if they are named. */
export async function readEvents(
  connection: Connection,
  scope: Scope,
  {
    sessionId,
    runId,
    types,
    after,
    limit,
  }: { sessionId: string; runId?: string; types?: readonly SessionEvent['type'][]; after: number; limit: number },
): Promise<SessionEvent[]> {
  let query = connection
    .selectFrom('events')
    .selectAll()
    .where(inScope(scope))
    .where('session_id', '=', sessionId)
    .where('sequence', '>', after)
    .orderBy('sequence')
    .limit(limit)
  if (runId) query = query.where('run_id', '=', runId)
  if (types) query = query.where('type', 'in', types)
  return (await query.execute()).map(row =>
    SessionEvent.parse({
      sequence: row.sequence,
      sessionId: row.session_id,
      runId: row.run_id,
      at: row.at.toISOString(),
      schemaVersion: row.schema_version,
      type: row.type,
      data: row.data,
    }),
  )
}
