import { sql } from 'kysely'
import type { Connection, Scope } from '../database/index.ts'

/** What a call that is under way may use at most. */
export interface Held {
  steps: number
  tokens: number
  nanoUsd: number
}

/** Longer than any call takes. What a replica that died has held is free again after that. */
const heldSeconds = 1800

/** What calls of a session hold, but one of them. Nobody else holds anything until the transaction ends. */
export async function lockHeld(
  transaction: Connection,
  { organisationId, environmentId }: Scope,
  sessionId: string,
  but: string,
): Promise<Held> {
  const { rows } = await sql<Held>`
    with locked as (
      select held from sessions
      where organisation_id = ${organisationId} and environment_id = ${environmentId} and id = ${sessionId} for update
    )
    select coalesce(sum((hold ->> 'steps')::float8), 0) as steps, coalesce(sum((hold ->> 'tokens')::float8), 0) as tokens,
      coalesce(sum((hold ->> 'nanoUsd')::float8), 0) as "nanoUsd"
    from locked, jsonb_each(locked.held) as holds (call, hold)
    where call <> ${but} and (hold ->> 'until')::timestamptz > now()`.execute(transaction)
  return rows[0] ?? { steps: 0, tokens: 0, nanoUsd: 0 }
}

/** Holds so much for a call in place of what it held before; nothing any more where that is undefined. */
export async function hold(
  connection: Connection,
  { organisationId, environmentId }: Scope,
  sessionId: string,
  { call, held }: { call: string; held: Held | undefined },
): Promise<void> {
  const own = held
    ? sql`jsonb_build_object(${call}::text, ${JSON.stringify(held)}::jsonb || jsonb_build_object('until', now() + ${heldSeconds} * interval '1 second'))`
    : sql`'{}'::jsonb`
  await sql`
    update sessions set held = ${own} || coalesce((
      select jsonb_object_agg(other, theirs) from jsonb_each(held) as holds (other, theirs)
      where other <> ${call} and (theirs ->> 'until')::timestamptz > now()
    ), '{}')
    where organisation_id = ${organisationId} and environment_id = ${environmentId} and id = ${sessionId}`.execute(
    connection,
  )
}
