import { sql } from 'kysely'
import { inScope, ownedBy, type Connection, type Scope } from '../../database/index.ts'

/** Where a client wants to be told how a task stands. */
export interface PushRow {
  run_id: string
  id: string
  url: string
  /** Sealed: what the messages carry, so that the client believes them. */
  credentials: string | null
}

const columns = ['run_id', 'id', 'url', 'credentials'] as const

/** Keeps where a client wants to be told, in place of what was kept under the same id. */
export async function upsertPush(connection: Connection, scope: Scope, push: PushRow): Promise<void> {
  const { url, credentials } = push
  await connection
    .insertInto('a2a_pushes')
    .values({ ...ownedBy(scope), ...push })
    .onConflict(conflict => conflict.columns(['run_id', 'id']).doUpdateSet({ url, credentials }))
    .execute()
}

export const findPush = (
  connection: Connection,
  scope: Scope,
  runId: string,
  id: string,
): Promise<PushRow | undefined> =>
  connection
    .selectFrom('a2a_pushes')
    .select(columns)
    .where(inScope(scope))
    .where('run_id', '=', runId)
    .where('id', '=', id)
    .executeTakeFirst()

export const listPushes = (connection: Connection, scope: Scope, runId: string): Promise<PushRow[]> =>
  connection
    .selectFrom('a2a_pushes')
    .select(columns)
    .where(inScope(scope))
    .where('run_id', '=', runId)
    .orderBy('id')
    .execute()

export async function deletePush(connection: Connection, scope: Scope, runId: string, id: string): Promise<void> {
  await connection
    .deleteFrom('a2a_pushes')
    .where(inScope(scope))
    .where('run_id', '=', runId)
    .where('id', '=', id)
    .execute()
}

/** Has a client told what has happened before it asked to be told, where that is the last event of the run. */
export async function tellAtOnce(connection: Connection, scope: Scope, push: PushRow): Promise<void> {
  await sql`
    insert into webhook_deliveries (organisation_id, environment_id, webhook, session_id, sequence, run_id, type)
    select organisation_id, environment_id, 'a2a:' || ${push.id}::text, session_id, sequence, run_id, type from events
    where organisation_id = ${scope.organisationId} and environment_id = ${scope.environmentId} and run_id = ${push.run_id}
      and type in ('run-ended', 'approval-requested', 'question-asked')
    order by sequence desc limit 1`.execute(connection)
}
