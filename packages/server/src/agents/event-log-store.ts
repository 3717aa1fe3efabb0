import { eventSchemaVersion, OutgoingEventType, type NewEvent, type RunStatus } from '@causeway/contracts'
import { sql, type RawBuilder } from 'kysely'
import { carryAlong, executeWithDocument, inDocument, type Carried, type Connection } from '../database/index.ts'
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

/** The session knows of which classes the data is that was read in it: nobody has to look for them in its log. */
const alsoRead = sql`, data_classes = array(select distinct unnest(sessions.data_classes || owned.read))`

/** The ledger of effects, moved on by appends. */
const changed = sql`, effect as (
      insert into effects (organisation_id, environment_id, key, run_id, call_id, tool, tool_version, arguments_hash, state, attempts)
      select owned.organisation_id, owned.environment_id, change.key, owned.id, change."callId", change.tool, change."toolVersion",
        change."argumentsHash", change.state, change.attempts
      from owned join jsonb_to_recordset(${inDocument('effects')}) as change (place int,
        key text, "callId" text, tool text, "toolVersion" text, "argumentsHash" text, state text, attempts int) using (place)
      on conflict (organisation_id, environment_id, key)
      do update set state = excluded.state, attempts = excluded.attempts, updated_at = now()
    )`

// across tenants: they are the runs of the appends
/** Whoever holds one of the runs is not waited for, so that the others need not either. */
const lock = sql`, free as materialized (
      select runs.id from given join runs on runs.id = given."runId" for update of runs skip locked
    )`

/** The rows of each place, which they say. */
const placed = (rows: readonly (readonly object[])[]): object[] =>
  rows.flatMap((each, place) => each.map(row => ({ place, ...row })))

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
export async function appendEvents(connection: Connection, append: Append): Promise<Appended> {
  const [appended] = await write(connection, [append], { waits: true })
  if (!appended) throw new FencedError(append.runId)
  return appended
}

/**
 * Appends to the logs of several runs in one statement. Those are left out whose fence does not own their run any more, whose run has
 * ended, or whose run is held by somebody else just now: `appendEvents` tells which it is.
 * @param appends of different runs
 * @returns for each of them where it stands, or undefined for one that was left out
 */
export const appendAll = (connection: Connection, appends: readonly Append[]): Promise<(Appended | undefined)[]> =>
  write(connection, appends, { waits: false })

async function write(
  connection: Connection,
  appends: readonly Append[],
  { waits }: { waits: boolean },
): Promise<(Appended | undefined)[]> {
  const given = appends.map(({ runId, fence, events, progress: { ended, ...progress } = {} }, place) => ({
    place,
    always: 1,
    runId,
    fence,
    added: events.length,
    ...progress,
    workedMs: Math.round(progress.workedMs ?? 0),
    ends: ended !== undefined,
    ...ended,
    read: dataClassesOf(events),
  }))
  const events = placed(appends.map(each => each.events.map((event, index) => ({ number: index + 1, ...event }))))
  const effects = placed(appends.map(each => each.effects ?? []))
  const carried = carryAlong(appends.map(each => each.carried ?? []))
  const parts: AppendParts = {
    waits,
    reads: given.some(({ read }) => read.length > 0),
    effects: effects.length > 0,
    sends: appends.some(each => isSent(each.events)),
  }
  const rows = await executeWithDocument(
    connection,
    ['append', ...Object.entries(parts).flatMap(([name, has]) => (has ? [name] : [])), carried.form].join(' '),
    () => appendStatement(parts, carried.parts()),
    { given, events, effects, ...carried.rows },
  )
  const found = new Map(rows.map(row => [row.place, row]))
  return appends.map((_, place) => found.get(place))
}

/** What a statement that appends has beside what each of them has. */
interface AppendParts {
  /** For whoever holds one of the runs. */
  waits: boolean
  reads: boolean
  effects: boolean
  sends: boolean
}

// across tenants: whoever appends has claimed the run or found it in its scope; the row says whose it is
const appendStatement = ({ waits, reads, effects, sends }: AppendParts, carried: RawBuilder<unknown>) =>
  sql<Appended & { place: number }>`
    with recursive given as materialized (
      select place, "runId", fence, added, status, steps, "toolCalls", "inputTokens", "outputTokens", "nanoUsd", "workedMs",
        rehearsal, ends, output, reason, message, "limit", read
      from jsonb_to_recordset(${inDocument('given')}) as given (place int, always int, "runId" text, fence bigint, added int,
        status text, steps int, "toolCalls" int, "inputTokens" bigint, "outputTokens" bigint, "nanoUsd" bigint, "workedMs" bigint,
        rehearsal boolean, ends boolean, output text, reason text, message text, "limit" text, read text[])
      -- The planner takes this for one row of a hundred, and looks up what it joins by its key, however few rows there were when it planned.
      where always = 1
    )${waits ? sql`` : lock}, owned as (
      update runs set
        status = coalesce(given.status, runs.status),
        steps = runs.steps + coalesce(given.steps, 0),
        tool_calls = runs.tool_calls + coalesce(given."toolCalls", 0),
        input_tokens = runs.input_tokens + coalesce(given."inputTokens", 0),
        output_tokens = runs.output_tokens + coalesce(given."outputTokens", 0),
        nano_usd = runs.nano_usd + coalesce(given."nanoUsd", 0),
        worked_ms = runs.worked_ms + given."workedMs",
        rehearsal = runs.rehearsal or coalesce(given.rehearsal, false),
        output = coalesce(given.output, runs.output),
        reason = coalesce(given.reason, runs.reason),
        message = coalesce(given.message, runs.message),
        limit_name = coalesce(given."limit", runs.limit_name),
        ended_at = case when given.ends then now() end,
        updated_at = now()
      from given${waits ? sql`` : sql` join free on free.id = given."runId"`}
      -- Not "is null": the planner would read through an index of all runs that have not ended.
      where runs.id = given."runId" and num_nulls(runs.ended_at) = 1 and (given.fence is null or runs.fence = given.fence)
      returning given.place, given.added, given.status, given.read, runs.id, runs.session_id, runs.organisation_id,
        runs.environment_id, clock_timestamp() as at
    ), numbered as (
      update sessions set last_sequence = last_sequence + owned.added${reads ? alsoRead : sql``} from owned
      where sessions.id = owned.session_id returning owned.place, last_sequence - owned.added as base
    ), appended as (
      insert into events (session_id, sequence, run_id, organisation_id, environment_id, type, schema_version, data, at)
      select owned.session_id, numbered.base + event.number, owned.id, owned.organisation_id, owned.environment_id,
        event.type, ${sql.lit(eventSchemaVersion)}, event.data, owned.at
      from owned join numbered using (place)
        join jsonb_to_recordset(${inDocument('events')}) as event (place int, number int, type text, data jsonb) using (place)
      returning session_id, sequence, run_id, type
    )${effects ? changed : sql``}${sends ? outgoing : sql``}${carried}
    select place, numbered.base as after, owned.at,
      pg_notify(${sql.lit(eventChannel)}, session_id || ' ' || numbered.base + owned.added),
      case when owned.status is not null then pg_notify(${sql.lit(statusChannel)}, owned.id) end
    from owned join numbered using (place)`
