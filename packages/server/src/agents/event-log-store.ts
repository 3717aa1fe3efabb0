import { eventSchemaVersion, OutgoingEventType, type NewEvent, type RunStatus } from '@causeway/contracts'
import { sql } from 'kysely'
import type { Carried, Connection } from '../database/index.ts'
import { dataClassesOf } from './data-classes-of.ts'

/** Channel on which each append is announced; the payload is the id of the session and its last sequence number, with a space between. */
export const eventChannel = 'causeway_appends'

/** Channel on which a change of a run's status is announced; the payload is the id of the run. */
export const statusChannel = 'causeway_run_status'

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
  effects?: readonly EffectChange[]
  /** What other domains record along with the events. */
  carried?: readonly Carried[]
}

/** Another worker has taken over the run, or it has ended: what was to be appended is dropped. */
export class FencedError extends Error {
  override readonly name = 'FencedError'
  constructor(runId: string) {
    super(`the run ${runId} is no longer owned here`)
  }
}

const isSent = (events: readonly NewEvent[]): boolean =>
  events.some(({ type }) => OutgoingEventType.options.some(each => each === type))

// across tenants: it is a part of the append, which knows whose the run is
/**
 * A message to each webhook in force that asks for such an event, and to each client of A2A that wants to be told how the run stands:
 * none is sent that was not recorded, and none is lost.
 */
const outgoing = sql`, outgoing as (
      insert into webhook_deliveries (organisation_id, environment_id, webhook, session_id, sequence, run_id, type)
      select active.organisation_id, active.environment_id, active.name, appended.session_id, appended.sequence, runs.id, appended.type
      from appended join runs on runs.id = appended.run_id
      join active_manifests as active on active.kind = 'Webhook'
        and active.organisation_id = runs.organisation_id and active.environment_id = runs.environment_id
      join manifests on manifests.kind = 'Webhook' and manifests.organisation_id = active.organisation_id
        and manifests.name = active.name and manifests.version = active.version
      where manifests.spec -> 'events' ? appended.type
        and coalesce(manifests.spec -> 'agents' ? runs.agent, true)
        and not exists (select from disabled_webhooks as disabled where disabled.organisation_id = active.organisation_id
          and disabled.environment_id = active.environment_id and disabled.name = active.name)
      union all
      select push.organisation_id, push.environment_id, 'a2a:' || push.id, appended.session_id, appended.sequence, push.run_id, appended.type
      from appended join a2a_pushes as push on push.run_id = appended.run_id
      where appended.type in ('run-ended', 'approval-requested', 'question-asked')
    )`

/** The ledger of effects, moved on by an append. */
const changed = (effects: readonly EffectChange[]) => sql`, effect as (
      insert into effects (organisation_id, environment_id, key, run_id, call_id, tool, tool_version, arguments_hash, state, attempts)
      select owned.organisation_id, owned.environment_id, change.key, owned.id, change."callId", change.tool, change."toolVersion",
        change."argumentsHash", change.state, change.attempts
      from owned, jsonb_to_recordset(${JSON.stringify(effects)}::jsonb) as change
        (key text, "callId" text, tool text, "toolVersion" text, "argumentsHash" text, state text, attempts int)
      on conflict (organisation_id, environment_id, key)
      do update set state = excluded.state, attempts = excluded.attempts, updated_at = now()
    )`

/** The session knows of which classes the data is that was read in it: nobody has to look for them in its log. */
const alsoRead = (classes: readonly string[]) =>
  sql`, data_classes = array(select distinct unnest(sessions.data_classes || ${classes}::text[]))`

/** Where in the log of the session the appended events stand. */
export interface Appended {
  /** Sequence number of the event before them. */
  after: number
  at: Date
}

/**
 * Appends events, moves the projection of the run on and records effects and what is carried: one statement, so that it happens whole or not at all.
 * @throws FencedError when the fence does not own the run any more, or the run has ended
 */
export async function appendEvents(
  connection: Connection,
  { runId, fence, events, progress = {}, effects = [], carried = [] }: Append,
): Promise<Appended> {
  const { ended } = progress
  const read = dataClassesOf(events)
  // across tenants: whoever appends has claimed the run or found it in its scope; the row says whose it is
  const { rows } = await sql<Appended>`
    with owned as (
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
      where id = ${runId} and ended_at is null and (${fence}::bigint is null or fence = ${fence})
      returning id, session_id, organisation_id, environment_id, clock_timestamp() as at
    ), numbered as (
      update sessions set last_sequence = last_sequence + ${events.length}::int${read.length > 0 ? alsoRead(read) : sql``} from owned
      where sessions.id = owned.session_id returning last_sequence - ${events.length}::int as base
    ), appended as (
      insert into events (session_id, sequence, run_id, organisation_id, environment_id, type, schema_version, data, at)
      select owned.session_id, numbered.base + event.place, owned.id, owned.organisation_id, owned.environment_id,
        event.value ->> 'type', ${eventSchemaVersion}::int, event.value -> 'data', owned.at
      from owned, numbered, jsonb_array_elements(${JSON.stringify(events)}::jsonb) with ordinality as event (value, place)
      returning session_id, sequence, run_id, type
    )${effects.length > 0 ? changed(effects) : sql``}${isSent(events) ? outgoing : sql``}${sql.join(
      carried.map(({ name, statement }) => sql`, ${sql.id(name)} as (${statement})`),
      sql``,
    )}
    select numbered.base as after, owned.at, pg_notify(${eventChannel}, session_id || ' ' || numbered.base + ${events.length}::int),
      case when ${progress.status !== undefined}::boolean then pg_notify(${statusChannel}, id) end
    from owned, numbered`.execute(connection)
  const [appended] = rows
  if (!appended) throw new FencedError(runId)
  return appended
}
