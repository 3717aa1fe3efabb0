import type { Cost, TokenUsage } from '@causeway/contracts'
import { sql } from 'kysely'
import type { Carried, Connection, Scope } from '../database/index.ts'

/** What a call may cost at the most, set aside before it is made. */
export interface Reservation {
  readonly id: string
  readonly scope: Scope
  readonly runId: string | null
  readonly apiKeyId: string
  readonly kind: 'model' | 'tool'
  /** Route or tool. */
  readonly subject: string
  readonly tokens: number
  readonly nanoUsd: number
}

/** Writes the reservation, carried by the statement that records what comes before the call. */
export function carriedReservation(reservation: Reservation): Carried {
  const { id, scope, runId, apiKeyId, kind, subject, tokens, nanoUsd } = reservation
  return {
    name: 'reserved',
    statement: sql`
      insert into ledger_entries
        (organisation_id, environment_id, id, run_id, api_key_id, kind, subject, state, reserved_tokens, reserved_nano_usd)
      select ${scope.organisationId}, ${scope.environmentId}, ${id}, ${runId}::text, ${apiKeyId}, ${kind}, ${subject}, 'reserved',
        ${tokens}::bigint, ${nanoUsd}::bigint from owned`,
  }
}

/** Settles a reservation, carried by the statement that records the answer of the call. */
export function carriedSettlement(
  id: string,
  { usage, cost, priceVersion }: { usage: TokenUsage; cost: Cost; priceVersion: string | null },
): Carried {
  return {
    name: 'settled',
    // across tenants: the id is a random handle that only the holder of the reservation knows
    statement: sql`
      update ledger_entries set state = 'settled', input_tokens = ${usage.inputTokens}::bigint,
        output_tokens = ${usage.outputTokens}::bigint, nano_usd = ${cost.nanoUsd}::bigint, cost_status = ${cost.status},
        price_version = ${priceVersion}, settled_at = now()
      from owned where ledger_entries.id = ${id} and ledger_entries.state = 'reserved'`,
  }
}

export async function settleReservation(
  connection: Connection,
  id: string,
  { usage, cost, priceVersion }: { usage: TokenUsage; cost: Cost; priceVersion: string | null },
): Promise<void> {
  // across tenants: the id is a random handle that only the holder of the reservation knows
  await connection
    .updateTable('ledger_entries')
    .set({
      state: 'settled',
      input_tokens: usage.inputTokens,
      output_tokens: usage.outputTokens,
      nano_usd: cost.nanoUsd,
      cost_status: cost.status,
      price_version: priceVersion,
      settled_at: new Date(),
    })
    .where('id', '=', id)
    .where('state', '=', 'reserved')
    .execute()
}

export async function releaseReservation(connection: Connection, id: string): Promise<void> {
  // across tenants: the id is a random handle that only the holder of the reservation knows
  await connection
    .updateTable('ledger_entries')
    .set({ state: 'released', settled_at: new Date() })
    .where('id', '=', id)
    .where('state', '=', 'reserved')
    .execute()
}

/** Settles at the full reservation what a dead process left open for the run: the books may say too much, never too little. */
export async function settleAbandoned(connection: Connection, runId: string): Promise<void> {
  // across tenants: the caller owns the run by its fence
  await connection
    .updateTable('ledger_entries')
    .set(({ ref }) => ({
      state: 'settled' as const,
      nano_usd: ref('reserved_nano_usd'),
      output_tokens: ref('reserved_tokens'),
      cost_status: 'estimated' as const,
      settled_at: new Date(),
    }))
    .where('run_id', '=', runId)
    .where('state', '=', 'reserved')
    .execute()
}
