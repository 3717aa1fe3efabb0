import { sql, type Selectable } from 'kysely'
import { type Connection, inScope, ownedBy, type Scope, type Tables } from '../database/index.ts'

export type TriggerRow = Selectable<Tables['triggers']>

/** What is known of the triggers of an environment. */
export const listTriggers = (connection: Connection, scope: Scope): Promise<TriggerRow[]> =>
  connection.selectFrom('triggers').selectAll().where(inScope(scope)).execute()

/** A trigger in force of which another version is known, or none. */
export interface NewTrigger extends Scope {
  name: string
  version: string
}

/** Triggers in force whose schedule has not been looked at yet, and when another version of each fired last. */
export async function unplannedTriggers(
  connection: Connection,
  limit: number,
): Promise<(NewTrigger & { lastAt: Date | null })[]> {
  // across tenants: whichever replica has time plans them
  const { rows } = await sql<NewTriggerRow & { last_at: Date | null }>`
    select active.organisation_id, active.environment_id, active.name, active.version, triggers.last_at
    from active_manifests as active left join triggers
      on triggers.organisation_id = active.organisation_id and triggers.environment_id = active.environment_id
      and triggers.name = active.name
    where active.kind = 'Trigger' and (triggers.version is null or triggers.version <> active.version)
    limit ${limit}`.execute(connection)
  return rows.map(row => ({ ...newTrigger(row), lastAt: row.last_at }))
}

interface NewTriggerRow {
  organisation_id: string
  environment_id: string
  name: string
  version: string
}

const newTrigger = (row: NewTriggerRow): NewTrigger => ({
  organisationId: row.organisation_id,
  environmentId: row.environment_id,
  name: row.name,
  version: row.version,
})

/** Triggers in force that read a queue elsewhere. */
export async function queueTriggers(connection: Connection, limit: number): Promise<NewTrigger[]> {
  // across tenants: every replica reads the queues of all
  const { rows } = await sql<NewTriggerRow>`
    select active.organisation_id, active.environment_id, active.name, active.version
    from active_manifests as active join manifests on manifests.organisation_id = active.organisation_id
      and manifests.kind = active.kind and manifests.name = active.name and manifests.version = active.version
    where active.kind = 'Trigger' and manifests.spec -> 'on' ->> 'type' = 'nats'
    order by active.environment_id, active.name limit ${limit}`.execute(connection)
  return rows.map(newTrigger)
}

export async function planTrigger(
  connection: Connection,
  scope: Scope,
  { name, version, nextAt }: { name: string; version: string; nextAt: Date | null },
): Promise<void> {
  await connection
    .insertInto('triggers')
    .values({
      ...ownedBy(scope),
      name,
      version,
      next_at: nextAt,
      claimed_until: null,
      last_at: null,
      last_run_id: null,
      last_error: null,
    })
    .onConflict(conflict =>
      conflict
        .columns(['organisation_id', 'environment_id', 'name'])
        .doUpdateSet({ version, next_at: nextAt, claimed_until: null }),
    )
    .execute()
}

/** A trigger whose time has come. */
export interface DueTrigger extends Scope {
  name: string
  dueAt: Date
}

/**
 * Triggers that are due. No other replica gets them for a minute; after that the same time is due again, of which whoever took it may have
 * died.
 */
export async function takeDueTriggers(connection: Connection, limit: number): Promise<DueTrigger[]> {
  // across tenants: whichever replica has time fires them
  const { rows } = await sql<{ organisation_id: string; environment_id: string; name: string; next_at: Date }>`
    update triggers set claimed_until = now() + interval '1 minute' where ctid in (
      select ctid from triggers where next_at <= now() and (claimed_until is null or claimed_until <= now())
      order by next_at limit ${limit} for update skip locked)
    returning organisation_id, environment_id, name, next_at`.execute(connection)
  return rows.map(row => ({
    organisationId: row.organisation_id,
    environmentId: row.environment_id,
    name: row.name,
    dueAt: row.next_at,
  }))
}

/** Forgets a trigger that is not in force any more. */
export async function forgetTrigger(connection: Connection, scope: Scope, name: string): Promise<void> {
  await connection.deleteFrom('triggers').where(inScope(scope)).where('name', '=', name).execute()
}

/** Notes what has come of a firing; with `nextAt`, when the next one is. */
export async function noteFiring(
  connection: Connection,
  scope: Scope,
  name: string,
  { runId, error, nextAt }: { runId: string | null; error: string | null; nextAt?: Date | null },
): Promise<void> {
  await connection
    .updateTable('triggers')
    .set({
      last_at: new Date(),
      last_error: error,
      ...(runId !== null && { last_run_id: runId }),
      ...(nextAt !== undefined && { next_at: nextAt, claimed_until: null }),
    })
    .where(inScope(scope))
    .where('name', '=', name)
    .execute()
}

/** The scope of an environment, and its name. */
export async function scopeOf(
  connection: Connection,
  environmentId: string,
): Promise<(Scope & { environment: string }) | undefined> {
  // across tenants: whoever knows the id of an environment learns nothing by it, and must sign what is sent there
  const row = await connection
    .selectFrom('environments')
    .select(['organisation_id', 'id', 'name'])
    .where('id', '=', environmentId)
    .executeTakeFirst()
  return row && { organisationId: row.organisation_id, environmentId: row.id, environment: row.name }
}
