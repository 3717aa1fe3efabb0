import { eventSchemaVersion, type NewEvent, type RunStatus } from '@causeway/contracts'
import { sql } from 'kysely'
import type { Connection } from '../database/index.ts'

/** Channel on which each append is announced; the payload is the id of the session. */
export const eventChannel = 'causeway_events'

/** What an append adds to the row of the run, which is only a projection of its events. */
export interface RunProgress {
  status?: RunStatus
  steps?: number
  toolCalls?: number
  inputTokens?: number
  outputTokens?: number
  nanoUsd?: number
  workedMs?: number
  rehearsal?: boolean
  ended?: { output: string | null; reason: string; message: string | null; limit: string | null }
}

/** The state of an effect, written in the same statement as the event that tells of it. */
export interface EffectChange {
  key: string
  callId: string
  tool: string
  toolVersion: string
  argumentsHash: string
  state: 'intended' | 'executing' | 'completed' | 'failed' | 'unknown'
  attempts: number
}

/** An append to the log of a run. With a fence it happens only while that fence still owns the run. */
export interface Append {
  runId: string
  fence: number | null
  events: readonly NewEvent[]
  progress?: RunProgress
  effect?: EffectChange
}

/** Another worker has taken over the run, or it has ended: what was to be appended is dropped. */
export class FencedError extends Error {
  override readonly name = 'FencedError'
  constructor(runId: string) {
    super(`the run ${runId} is no longer owned here`)
  }
}

/**
 * Appends events, moves the projection of the run on and records the effect: one statement, so that it happens whole or not at all.
 * @returns the sequence number of the last event
 * @throws FencedError when the fence does not own the run any more, or the run has ended
 */
export async function appendEvents(
  connection: Connection,
  { runId, fence, events, progress = {}, effect }: Append,
): Promise<number> {
  const { ended } = progress
  // across tenants: whoever appends has claimed the run or found it in its scope; the row says whose it is
  const { rows } = await sql<{ sequence: number }>`
    with owned as (
      select id, session_id, organisation_id, environment_id from runs
      where id = ${runId} and ended_at is null and (${fence}::bigint is null or fence = ${fence}) for update
    ), numbered as (
      update sessions set last_sequence = last_sequence + ${events.length}::int from owned
      where sessions.id = owned.session_id returning last_sequence - ${events.length}::int as base
    ), appended as (
      insert into events (session_id, sequence, run_id, organisation_id, environment_id, type, schema_version, data)
      select owned.session_id, numbered.base + event.place, owned.id, owned.organisation_id, owned.environment_id,
        event.value ->> 'type', ${eventSchemaVersion}::int, event.value -> 'data'
      from owned, numbered, jsonb_array_elements(${JSON.stringify(events)}::jsonb) with ordinality as event (value, place)
      returning session_id, sequence
    ), moved as (
      update runs set
        status = coalesce(${progress.status ?? null}, status),
        steps = steps + ${progress.steps ?? 0}::int,
        tool_calls = tool_calls + ${progress.toolCalls ?? 0}::int,
        input_tokens = input_tokens + ${progress.inputTokens ?? 0}::bigint,
        output_tokens = output_tokens + ${progress.outputTokens ?? 0}::bigint,
        nano_usd = nano_usd + ${progress.nanoUsd ?? 0}::bigint,
        worked_ms = worked_ms + ${Math.round(progress.workedMs ?? 0)}::bigint,
        rehearsal = rehearsal or ${progress.rehearsal ?? false}::boolean,
        output = coalesce(${ended?.output ?? null}, output),
        reason = coalesce(${ended?.reason ?? null}, reason),
        message = coalesce(${ended?.message ?? null}, message),
        limit_name = coalesce(${ended?.limit ?? null}, limit_name),
        ended_at = case when ${ended !== undefined}::boolean then now() end,
        updated_at = now()
      from owned where runs.id = owned.id
    ), effect as (
      insert into effects (organisation_id, environment_id, key, run_id, call_id, tool, tool_version, arguments_hash, state, attempts)
      select owned.organisation_id, owned.environment_id, ${effect?.key ?? null}::text, owned.id, ${effect?.callId ?? null}::text,
        ${effect?.tool ?? null}::text, ${effect?.toolVersion ?? null}::text, ${effect?.argumentsHash ?? null}::text,
        ${effect?.state ?? null}::text, ${effect?.attempts ?? 0}::int
      from owned where ${effect !== undefined}::boolean
      on conflict (organisation_id, environment_id, key)
      do update set state = excluded.state, attempts = excluded.attempts, updated_at = now()
    )
    select max(sequence) as sequence, pg_notify(${eventChannel}, max(session_id)) from appended having count(*) > 0`.execute(
    connection,
  )
  const last = rows[0]
  if (!last) throw new FencedError(runId)
  return last.sequence
}
