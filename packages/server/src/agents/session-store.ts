import { SessionEvent, type Session } from '@causeway/contracts'
import type { Selectable } from 'kysely'
import { type Connection, inScope, ownedBy, type Scope, type Tables } from '../database/index.ts'

const toSession = (row: Selectable<Tables['sessions']>, environment: string): Session => ({
  id: row.id,
  environment,
  agent: row.agent,
  agentVersion: row.agent_version,
  lastSequence: row.last_sequence,
  createdAt: row.created_at.toISOString(),
})

export interface NewSession {
  id: string
  agent: string
  agentVersion: string
  createdBy: string
}

const insertion = (connection: Connection, scope: Scope, { id, agent, agentVersion, createdBy }: NewSession) =>
  connection
    .insertInto('sessions')
    .values({ ...ownedBy(scope), id, agent, agent_version: agentVersion, created_by: createdBy })

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
