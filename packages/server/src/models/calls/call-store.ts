import { insertRows, ownedBy, type Connection } from '../../database/index.ts'
import type { ModelCallRecord } from '../ports.ts'

/** Keeps finished calls, for those who want to know why one was slow, dear or refused. */
export async function insertCalls(connection: Connection, calls: readonly ModelCallRecord[]): Promise<void> {
  await insertRows(
    connection,
    'model_calls',
    calls.map(({ caller, usage, cost, ...call }) => ({
      ...ownedBy(caller),
      id: call.requestId,
      api_key_id: caller.keyId,
      user_id: caller.userId,
      team_id: caller.teamId,
      actor: caller.actor,
      dialect: call.dialect,
      streamed: call.streamed,
      route: call.route,
      provider: call.provider,
      model: call.model,
      rehearsal: call.rehearsal,
      outcome: call.outcome,
      error_code: call.errorCode,
      error_message: call.errorMessage,
      downgraded_to: call.downgradedTo,
      budget_warnings: [...call.budgetWarnings],
      finish_reason: call.finishReason,
      routing: call.routing,
      attempts: [...call.attempts],
      input_tokens: usage.inputTokens,
      output_tokens: usage.outputTokens,
      cached_input_tokens: usage.cachedInputTokens,
      cache_write_tokens: usage.cacheWriteTokens,
      reasoning_tokens: usage.reasoningTokens,
      usage_estimated: call.usageEstimated,
      nano_usd: cost.nanoUsd,
      cost_status: cost.status,
      price_version: call.priceVersion,
      cache: call.cache,
      saved_nano_usd: call.savedNanoUsd,
      structured_output: call.structuredOutput,
      data_classes: [...call.dataClasses],
      guardrails: [...call.guardrails],
      started_at: call.startedAt,
      first_byte_ms: call.firstByteMs === null ? null : Math.round(call.firstByteMs),
      duration_ms: Math.round(call.durationMs),
    })),
  )
}
