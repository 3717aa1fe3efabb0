import type { ObjectiveAlert } from '@causeway/contracts'
import { sql, type RawBuilder } from 'kysely'
import { inScope, tellWebhooksOfAlert, type Connection, type Scope } from '../database/index.ts'
import type { Outcomes } from './burn-rate.ts'

/** Milliseconds of a slot, in which outcomes are counted together. */
export const slotMs = 5 * 60_000

/** Outcomes to be added to those of a slot. */
export interface NewOutcomes extends Outcomes {
  objective: string
  /** Any moment of the slot. */
  at: number
}

export async function addOutcomes(
  connection: Connection,
  { organisationId, environmentId }: Scope,
  outcomes: readonly NewOutcomes[],
): Promise<void> {
  // In one order, so that two replicas that write at once wait for each other and not in a circle.
  const rows = outcomes
    .map(({ objective, at, good, bad }) => ({ objective, slot: new Date(at - (at % slotMs)), good, bad }))
    .toSorted((one, other) => one.objective.localeCompare(other.objective) || +one.slot - +other.slot)
  await sql`
    insert into objective_counts (organisation_id, environment_id, objective, slot, good, bad)
    select ${organisationId}, ${environmentId}, objective, slot, good, bad
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as given (objective text, slot timestamptz, good bigint, bad bigint)
    on conflict (organisation_id, environment_id, objective, slot)
    do update set good = objective_counts.good + excluded.good, bad = objective_counts.bad + excluded.bad`.execute(
    connection,
  )
}

const sumOf = (side: 'good' | 'bad', where: RawBuilder<unknown> = sql`true`): RawBuilder<number> =>
  sql<number>`coalesce(sum(${sql.ref(side)}) filter (where ${where}), 0)::bigint`

/** What was good and bad for an objective since each of these moments, in slots that begin then or later. */
export async function outcomesSince(
  connection: Connection,
  scope: Scope,
  objective: string,
  moments: readonly Date[],
): Promise<Outcomes[]> {
  const since = new Date(Math.min(...moments.map(Number)))
  const row = await connection
    .selectFrom('objective_counts')
    .select(
      moments.flatMap((moment, place) =>
        (['good', 'bad'] as const).map(side => sumOf(side, sql`slot >= ${moment}`).as(`${side}${place}`)),
      ),
    )
    .where(inScope(scope))
    .where('objective', '=', objective)
    .where('slot', '>=', since)
    .executeTakeFirstOrThrow()
  const sums = new Map(Object.entries(row))
  return moments.map((_, place) => ({
    good: sums.get(`good${place}`) ?? 0,
    bad: sums.get(`bad${place}`) ?? 0,
  }))
}

/** What was good and bad for an objective, day by day in UTC. */
export async function outcomesByDay(
  connection: Connection,
  scope: Scope,
  objective: string,
  since: Date,
): Promise<(Outcomes & { day: string })[]> {
  const day = sql<string>`to_char(slot at time zone 'UTC', 'YYYY-MM-DD')`
  return connection
    .selectFrom('objective_counts')
    .select([day.as('day'), sumOf('good').as('good'), sumOf('bad').as('bad')])
    .where(inScope(scope))
    .where('objective', '=', objective)
    .where('slot', '>=', since)
    .groupBy(day)
    .orderBy(day)
    .execute()
}

/** Since when which alerts of an environment fire. */
export async function firingAlerts(
  connection: Connection,
  scope: Scope,
): Promise<{ objective: string; hours: number; since: Date }[]> {
  return connection
    .selectFrom('objective_alerts')
    .select(['objective', 'hours', 'since'])
    .where(inScope(scope))
    .execute()
}

/** Notes that an alert fires and tells webhooks, unless it was known. */
export async function fireAlert(
  connection: Connection,
  scope: Scope,
  { type, ...payload }: ObjectiveAlert,
): Promise<void> {
  await sql`
    with alert as (
      insert into objective_alerts (organisation_id, environment_id, objective, hours, since)
      values (${scope.organisationId}, ${scope.environmentId}, ${payload.objective}, ${payload.hours}, ${payload.since})
      on conflict do nothing returning ${type}::text as type
    ) ${tellWebhooksOfAlert(scope, payload)}`.execute(connection)
}

/** Notes that an alert no longer fires and tells webhooks, unless it was known. */
export async function endAlert(
  connection: Connection,
  scope: Scope,
  { type, ...payload }: ObjectiveAlert,
): Promise<void> {
  const { organisationId, environmentId } = scope
  await sql`
    with alert as (
      delete from objective_alerts where organisation_id = ${organisationId} and environment_id = ${environmentId}
        and objective = ${payload.objective} and hours = ${payload.hours}
      returning ${type}::text as type
    ) ${tellWebhooksOfAlert(scope, payload)}`.execute(connection)
}

/** Drops alerts of objectives that are no more. */
export async function dropAlerts(connection: Connection, scope: Scope, objectives: readonly string[]): Promise<void> {
  if (objectives.length === 0) return
  await connection.deleteFrom('objective_alerts').where(inScope(scope)).where('objective', 'in', objectives).execute()
}

/** The environments in which something was counted since then, or an alert fires. */
export async function environmentsWithOutcomes(connection: Connection, since: Date): Promise<Scope[]> {
  // across tenants: the objectives of all of them are watched
  const { rows } = await sql<Scope>`
    select organisation_id as "organisationId", environment_id as "environmentId" from objective_counts where slot >= ${since}
    union select organisation_id, environment_id from objective_alerts`.execute(connection)
  return rows
}

/** How many alerts fire in all environments. */
export async function countAllFiring(connection: Connection): Promise<number> {
  // across tenants: it is a figure of the operator
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from objective_alerts`.execute(connection)
  return rows[0]?.count ?? 0
}

/** Deletes what was counted before then, so many slots at most. @returns how many */
export async function deleteOldOutcomes(connection: Connection, before: Date, limit: number): Promise<number> {
  // across tenants: no window is longer
  const { numAffectedRows = 0n } = await sql`
    delete from objective_counts where ctid in (select ctid from objective_counts where slot < ${before} limit ${limit})`.execute(
    connection,
  )
  return Number(numAffectedRows)
}
