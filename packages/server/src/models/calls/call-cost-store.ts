import type { Cost, TokenUsage } from '@causeway/contracts'
import { sql } from 'kysely'
import { inScope, type Connection, type Scope } from '../../database/index.ts'

/** What of a stored call its cost follows from, and the cost that is stored. */
export interface StoredCost {
  id: string
  provider: string
  model: string
  usage: TokenUsage
  usageEstimated: boolean
  startedAt: Date
  serviceTier: string | null
  cost: Cost
  priceVersion: string
}

export interface CostFilter {
  since: Date
  until: Date
  provider: string | undefined
  model: string | undefined
}

/** Calls that used tokens, locked until the end of the transaction. Rehearsals cost nothing. */
export async function lockCosts(
  connection: Connection,
  scope: Scope,
  { since, until, provider, model }: CostFilter,
  limit: number,
): Promise<StoredCost[]> {
  let query = connection
    .selectFrom('model_calls')
    .selectAll()
    .where(inScope(scope))
    .where('started_at', '>=', since)
    .where('started_at', '<', until)
    .where('rehearsal', '=', false)
    .where('provider', 'is not', null)
    .where(sql<boolean>`input_tokens + output_tokens > 0`)
    .orderBy('id')
    .limit(limit)
    .forUpdate()
  if (provider !== undefined) query = query.where('provider', '=', provider)
  if (model !== undefined) query = query.where('model', '=', model)
  return (await query.execute()).map(row => ({
    id: row.id,
    provider: row.provider ?? '',
    model: row.model ?? '',
    usage: {
      inputTokens: row.input_tokens,
      outputTokens: row.output_tokens,
      cachedInputTokens: row.cached_input_tokens,
      cacheWriteTokens: row.cache_write_tokens,
      reasoningTokens: row.reasoning_tokens,
    },
    usageEstimated: row.usage_estimated,
    startedAt: row.started_at,
    serviceTier: row.service_tier,
    cost: { nanoUsd: row.nano_usd, status: row.cost_status },
    priceVersion: row.price_version,
  }))
}

export type NewCost = Pick<StoredCost, 'id' | 'cost' | 'priceVersion'>

/** Replaces the costs of calls. */
export async function updateCosts(
  connection: Connection,
  { organisationId, environmentId }: Scope,
  costs: readonly NewCost[],
): Promise<void> {
  const rows = costs.map(({ id, cost, priceVersion }) => ({ id, ...cost, version: priceVersion }))
  await sql`
    update model_calls set nano_usd = new."nanoUsd", cost_status = new.status, price_version = new.version
    from json_to_recordset(${JSON.stringify(rows)}::json) as new(id text, "nanoUsd" bigint, status text, version text)
    where model_calls.id = new.id and organisation_id = ${organisationId} and environment_id = ${environmentId}
  `.execute(connection)
}
