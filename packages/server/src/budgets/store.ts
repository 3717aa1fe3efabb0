import type { Cost, TokenUsage } from '@causeway/contracts'
import { sql } from 'kysely'
import type { Carried, CarriedWrite, Connection, Scope } from '../database/index.ts'

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

/** The reservation, carried by the statement that records what comes before the call. */
export const carriedReservation = ({ scope, ...reservation }: Reservation): Carried => ({
  write: writeReservations,
  row: { ...scope, ...reservation },
})

const writeReservations: CarriedWrite = {
  name: 'reserved',
  parts: given => [
    {
      name: 'reserved',
      statement: sql`
      insert into ledger_entries
        (organisation_id, environment_id, id, run_id, api_key_id, kind, subject, state, reserved_tokens, reserved_nano_usd)
      select entry."organisationId", entry."environmentId", entry.id, entry."runId", entry."apiKeyId", entry.kind, entry.subject,
        'reserved', entry.tokens, entry."nanoUsd"
      from jsonb_to_recordset(${given}) as entry (place int, "organisationId" text, "environmentId" text, id text, "runId" text,
        "apiKeyId" text, kind text, subject text, tokens bigint, "nanoUsd" bigint) join owned using (place)`,
    },
  ],
}

/** What settles a reservation, carried by the statement that records the answer of the call. */
export const carriedSettlement = (
  id: string,
  { usage, cost, priceVersion }: { usage: TokenUsage; cost: Cost; priceVersion: string | null },
): Carried => ({
  write: writeSettlements,
  row: {
    id,
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    nanoUsd: cost.nanoUsd,
    status: cost.status,
    priceVersion,
  },
})

const writeSettlements: CarriedWrite = {
  name: 'settled',
  parts: given => [
    {
      name: 'settled',
      // across tenants: the id is a random handle that only the holder of the reservation knows
      statement: sql`
      update ledger_entries set state = 'settled', input_tokens = entry."inputTokens", output_tokens = entry."outputTokens",
        nano_usd = entry."nanoUsd", cost_status = entry.status, price_version = entry."priceVersion", settled_at = now()
      from jsonb_to_recordset(${given}) as entry (place int, id text, "inputTokens" bigint, "outputTokens" bigint,
        "nanoUsd" bigint, status text, "priceVersion" text) join owned using (place)
      where ledger_entries.id = entry.id and ledger_entries.state = 'reserved'`,
    },
  ],
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
