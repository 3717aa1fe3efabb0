import { ErrorCode, ModelCallCache, ModelCallOutcome, type ModelCall, type ModelCallQuery } from '@causeway/contracts'
import { sql, type Selectable } from 'kysely'
import { inScope, type Connection, type Scope, type Tables } from '../../database/index.ts'

type Row = Selectable<Tables['model_calls']>

const toModelCall = (row: Row, environment: string): ModelCall => ({
  id: row.id,
  environment,
  apiKeyId: row.api_key_id,
  userId: row.user_id,
  teamId: row.team_id,
  actor: row.actor,
  agent: row.agent,
  sessionId: row.session_id,
  dialect: row.dialect,
  streamed: row.streamed,
  shadowOf: row.shadow_of,
  route: row.route,
  downgradedTo: row.downgraded_to,
  routing: row.routing,
  provider: row.provider,
  model: row.model,
  rehearsal: row.rehearsal,
  outcome: ModelCallOutcome.parse(row.outcome),
  errorCode: ErrorCode.nullable().parse(row.error_code),
  errorMessage: row.error_message,
  finishReason: row.finish_reason,
  budgetWarnings: row.budget_warnings,
  cache: ModelCallCache.nullable().parse(row.cache),
  savedNanoUsd: row.saved_nano_usd,
  structuredOutput: row.structured_output,
  dataClasses: row.data_classes,
  guardrails: row.guardrails,
  attempts: row.attempts,
  usage: {
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    cachedInputTokens: row.cached_input_tokens,
    cacheWriteTokens: row.cache_write_tokens,
    reasoningTokens: row.reasoning_tokens,
  },
  usageEstimated: row.usage_estimated,
  cost: { nanoUsd: row.nano_usd, status: row.cost_status },
  priceVersion: row.price_version,
  serviceTier: row.service_tier,
  startedAt: row.started_at.toISOString(),
  firstByteMs: row.first_byte_ms,
  durationMs: row.duration_ms,
})

/** Whoever reads calls: their tenant, with the name of the environment. */
export type Reader = Scope & { environment: string }

export async function findCall(connection: Connection, reader: Reader, id: string): Promise<ModelCall | undefined> {
  const row = await connection
    .selectFrom('model_calls')
    .selectAll()
    .where(inScope(reader))
    .where('id', '=', id)
    .executeTakeFirst()
  return row && toModelCall(row, reader.environment)
}

/** The place of a call in the list: many calls begin in the same millisecond. */
export interface CallPlace {
  startedAt: Date
  id: string
}

/** Calls before the place, newest first. */
export async function listCalls(
  connection: Connection,
  reader: Reader,
  filters: Omit<ModelCallQuery, 'cursor' | 'limit'>,
  { before, limit }: { before: CallPlace | undefined; limit: number },
): Promise<ModelCall[]> {
  let query = connection
    .selectFrom('model_calls')
    .selectAll()
    .where(inScope(reader))
    .orderBy('started_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
  if (before) query = query.where(sql<boolean>`(started_at, id) < (${before.startedAt}, ${before.id})`)
  if (filters.outcome) query = query.where('outcome', '=', filters.outcome)
  if (filters.errorCode) query = query.where('error_code', '=', filters.errorCode)
  if (filters.route) query = query.where('route', '=', filters.route)
  if (filters.provider) query = query.where('provider', '=', filters.provider)
  if (filters.model) query = query.where('model', '=', filters.model)
  if (filters.apiKeyId) query = query.where('api_key_id', '=', filters.apiKeyId)
  if (filters.userId) query = query.where('user_id', '=', filters.userId)
  if (filters.agent) query = query.where('agent', '=', filters.agent)
  if (filters.sessionId) query = query.where('session_id', '=', filters.sessionId)
  if (filters.teamId) query = query.where('team_id', '=', filters.teamId)
  if (filters.costStatus) query = query.where('cost_status', '=', filters.costStatus)
  if (filters.cache) query = query.where('cache', '=', filters.cache)
  if (filters.minNanoUsd !== undefined) query = query.where('nano_usd', '>=', filters.minNanoUsd)
  if (filters.shadow) query = query.where('shadow_of', filters.shadow === 'true' ? 'is not' : 'is', null)
  if (filters.rehearsal) query = query.where('rehearsal', '=', filters.rehearsal === 'true')
  if (filters.startedAfter) query = query.where('started_at', '>', new Date(filters.startedAfter))
  if (filters.startedBefore) query = query.where('started_at', '<', new Date(filters.startedBefore))
  return (await query.execute()).map(row => toModelCall(row, reader.environment))
}
