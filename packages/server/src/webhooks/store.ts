import type { WebhookDelivery, WebhookDeliveryQuery } from '@causeway/contracts'
import { sql, type Selectable } from 'kysely'
import { type Connection, inScope, ownedBy, type Scope, type Tables } from '../database/index.ts'

type Row = Selectable<Tables['webhook_deliveries']>

const toDelivery = (row: Row): WebhookDelivery => ({
  id: row.id,
  webhook: row.webhook,
  type: row.type,
  runId: row.run_id,
  sessionId: row.session_id,
  sequence: row.sequence,
  state: row.state,
  attempts: row.attempts,
  nextAt: row.state === 'pending' ? row.next_at.toISOString() : null,
  lastStatus: row.last_status,
  lastError: row.last_error,
  createdAt: row.created_at.toISOString(),
})

/** Messages after the cursor, newest first. */
export async function listDeliveries(
  connection: Connection,
  scope: Scope,
  { webhook, state, runId }: Omit<WebhookDeliveryQuery, 'cursor' | 'limit'>,
  { before, limit }: { before: string | undefined; limit: number },
): Promise<WebhookDelivery[]> {
  let query = connection
    .selectFrom('webhook_deliveries')
    .selectAll()
    .where(inScope(scope))
    .orderBy('id', 'desc')
    .limit(limit)
  if (before) query = query.where('id', '<', before)
  if (webhook) query = query.where('webhook', '=', webhook)
  if (state) query = query.where('state', '=', state)
  if (runId) query = query.where('run_id', '=', runId)
  return (await query.execute()).map(toDelivery)
}

/** How many messages to each webhook are to be sent. */
export async function countPending(connection: Connection, scope: Scope): Promise<ReadonlyMap<string, number>> {
  const rows = await connection
    .selectFrom('webhook_deliveries')
    .select(['webhook', ({ fn }) => fn.countAll<number>().as('count')])
    .where(inScope(scope))
    .where('state', '=', 'pending')
    .groupBy('webhook')
    .execute()
  return new Map(rows.map(({ webhook, count }) => [webhook, count]))
}

/** A message that is due. */
export interface DueDelivery extends Scope {
  id: string
  webhook: string
  runId: string
  sessionId: string
  sequence: number
  type: Row['type']
  /** What it tells where that is no event of a session. */
  payload: Row['payload']
  createdAt: Date
  /** The attempt that is made now, from 1. */
  attempt: number
}

/** Messages that are due. No other replica gets them for a minute; after that whoever took them has died. */
export async function takeDueDeliveries(connection: Connection, limit: number): Promise<DueDelivery[]> {
  // across tenants: whichever replica has time sends them
  const { rows } = await sql<Row>`
    update webhook_deliveries set attempts = attempts + 1, next_at = now() + interval '1 minute'
    where ctid in (
      select ctid from webhook_deliveries where state = 'pending' and next_at <= now()
      order by next_at limit ${limit} for update skip locked)
    returning *`.execute(connection)
  return rows.map(row => ({
    organisationId: row.organisation_id,
    environmentId: row.environment_id,
    id: row.id,
    webhook: row.webhook,
    runId: row.run_id,
    sessionId: row.session_id,
    sequence: row.sequence,
    type: row.type,
    payload: row.payload,
    createdAt: row.created_at,
    attempt: row.attempts,
  }))
}

/** Notes what has come of an attempt. */
export async function noteAttempt(
  connection: Connection,
  scope: Scope,
  id: string,
  { state, status, error, nextAt }: { state: Row['state']; status: number | null; error: string | null; nextAt?: Date },
): Promise<void> {
  await connection
    .updateTable('webhook_deliveries')
    .set({ state, last_status: status, last_error: error, ...(nextAt && { next_at: nextAt }) })
    .where(inScope(scope))
    .where('id', '=', id)
    .execute()
}

/** Has a message sent again, with all its attempts. @returns it, if there is such a message */
export async function replayDelivery(
  connection: Connection,
  scope: Scope,
  id: string,
): Promise<WebhookDelivery | undefined> {
  const row = await connection
    .updateTable('webhook_deliveries')
    .set({ state: 'pending', attempts: 0, next_at: new Date() })
    .where(inScope(scope))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()
  return row && toDelivery(row)
}

/** A webhook to which nothing is sent. */
export interface DisabledWebhook {
  name: string
  reason: string
  disabled_at: Date
}

export const disabledWebhooks = (connection: Connection, scope: Scope): Promise<DisabledWebhook[]> =>
  connection.selectFrom('disabled_webhooks').select(['name', 'reason', 'disabled_at']).where(inScope(scope)).execute()

/** Stops sending to a webhook, and gives up what is still to be sent. */
export async function disableWebhook(
  connection: Connection,
  scope: Scope,
  name: string,
  reason: string,
): Promise<void> {
  await connection
    .insertInto('disabled_webhooks')
    .values({ ...ownedBy(scope), name, reason })
    .onConflict(conflict => conflict.columns(['organisation_id', 'environment_id', 'name']).doNothing())
    .execute()
  await connection
    .updateTable('webhook_deliveries')
    .set({ state: 'failed', last_error: 'The webhook was disabled.' })
    .where(inScope(scope))
    .where('webhook', '=', name)
    .where('state', '=', 'pending')
    .execute()
}

/** @returns whether it was disabled */
export async function enableWebhook(connection: Connection, scope: Scope, name: string): Promise<boolean> {
  const { numDeletedRows } = await connection
    .deleteFrom('disabled_webhooks')
    .where(inScope(scope))
    .where('name', '=', name)
    .executeTakeFirstOrThrow()
  return numDeletedRows > 0n
}

/** Removes messages that are settled and old. @returns how many */
export async function deleteOldDeliveries(connection: Connection, before: Date, limit: number): Promise<number> {
  // across tenants: what is old goes, whosoever it is
  const { numAffectedRows } = await sql`
    delete from webhook_deliveries where id in (
      select id from webhook_deliveries where state <> 'pending' and created_at < ${before} limit ${limit})`.execute(
    connection,
  )
  return Number(numAffectedRows ?? 0)
}
