import { sql, type RawBuilder } from 'kysely'
import type { Connection } from '../database/index.ts'
import type { CounterKey } from './applying-budgets.ts'

/** Slots are counted over all windows. */
export type SlotKey = Omit<CounterKey, 'windowStart'>

/** How long the slots of a replica stay taken when it is not heard of any more, in seconds. */
export const slotSeconds = 10

/** What the other replicas hold in a row. */
const held = (replica: string): RawBuilder<unknown> => sql`
  from jsonb_each(holders) as holder (replica, held)
  where replica <> ${replica} and (held->>'until')::timestamptz > now()`

/**
 * Sets how many slots a replica holds, which is then good for `slotSeconds`, where all replicas together hold no more than
 * the limit. The row is locked by the statement, so that no two replicas take the same slot.
 * @returns how many all hold, or undefined when there was no room
 */
export async function holdSlots(
  connection: Connection,
  key: SlotKey,
  { replica, slots, limit }: { replica: string; slots: number; limit: number },
): Promise<number | undefined> {
  const { organisationId, environmentId, budget, subject } = key
  const its = sql`organisation_id = ${organisationId} and environment_id = ${environmentId} and budget = ${budget}
      and subject = ${subject}`
  // across tenants: `its` is of one organisation and environment
  const look = () =>
    sql<{ known: boolean; all: number | null }>`
      with changed as (
        update budget_slots set touched_at = now(), holders =
          (select coalesce(jsonb_object_agg(replica, held), '{}') ${held(replica)})
          || jsonb_build_object(${replica}::text,
            jsonb_build_object('slots', ${slots}::int, 'until', now() + make_interval(secs => ${slotSeconds})))
        where ${its} and ${slots} + (select coalesce(sum((held->>'slots')::int), 0) ${held(replica)}) <= ${limit}
        returning (select sum((held->>'slots')::int) from jsonb_each(holders) as holder (replica, held))::int8 as "all"
      )
      select exists (select from budget_slots where ${its}) as known, changed."all"
      from (select) as one left join changed on true`.execute(connection)
  let [found] = (await look()).rows
  if (!found?.known) {
    await sql`
      insert into budget_slots (organisation_id, environment_id, budget, subject)
      values (${organisationId}, ${environmentId}, ${budget}, ${subject})
      on conflict do nothing`.execute(connection)
    ;[found] = (await look()).rows
  }
  return found?.all ?? undefined
}

/** How many slots are held now. */
export async function slotsHeld(
  connection: Connection,
  { organisationId, environmentId, budget, subject }: SlotKey,
): Promise<number> {
  const { rows } = await sql<{ all: number }>`
    select coalesce((select sum((held->>'slots')::int) ${held('')}), 0)::int8 as "all" from budget_slots
    where organisation_id = ${organisationId} and environment_id = ${environmentId} and budget = ${budget}
      and subject = ${subject}`.execute(connection)
  return rows[0]?.all ?? 0
}
