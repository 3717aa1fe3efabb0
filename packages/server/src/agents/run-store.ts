import type { Run, RunPriority, RunQuery, Spent } from '@causeway/contracts'
import { RunLimits } from '@causeway/contracts'
import { sql, type Selectable } from 'kysely'
import { type Connection, inScope, ownedBy, type Scope, type Tables } from '../database/index.ts'

/** Channel on which a wish to stop is announced; the payload is the id of the run. */
export const cancelChannel = 'causeway_cancels'

type Row = Selectable<Tables['runs']> & { environment: string }

const toRun = (row: Row): Run => ({
  id: row.id,
  sessionId: row.session_id,
  parentRunId: row.parent_run_id,
  replayOf: row.replay_of,
  environment: row.environment,
  agent: row.agent,
  agentVersion: row.agent_version,
  status: row.status,
  priority: row.priority,
  input: row.input,
  output: row.output,
  reason: row.reason,
  message: row.message,
  limit: RunLimits.keyof().nullable().parse(row.limit_name),
  limits: row.limits,
  spent: {
    steps: row.steps,
    toolCalls: row.tool_calls,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    nanoUsd: row.nano_usd,
    seconds: row.worked_ms / 1000,
  },
  rehearsal: row.rehearsal,
  requestedBy: row.requested_by,
  traceId: row.trace_id,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
  endedAt: row.ended_at?.toISOString() ?? null,
})

const selectRuns = (connection: Connection, scope: Scope) =>
  connection
    .selectFrom('runs')
    .innerJoin('environments', 'environments.id', 'runs.environment_id')
    .selectAll('runs')
    .select('environments.name as environment')
    .where('runs.organisation_id', '=', scope.organisationId)
    .where('runs.environment_id', '=', scope.environmentId) // inScope, with the table named because of the join

export interface NewRun {
  id: string
  sessionId: string
  agent: string
  agentVersion: string
  input: string
  limits: RunLimits
  priority: RunPriority
  traceId: string
  requestedBy: string
  apiKeyId: string
  /** The run that it repeats. */
  replayOf: string | null
  /** The call that has started it. */
  parent?: { runId: string; callId: string; depth: number }
}

/** @returns when it was created */
export async function insertRun(connection: Connection, scope: Scope, run: NewRun): Promise<Date> {
  const row = await connection
    .insertInto('runs')
    .values({
      ...ownedBy(scope),
      id: run.id,
      session_id: run.sessionId,
      agent: run.agent,
      agent_version: run.agentVersion,
      status: 'queued',
      input: run.input,
      limits: JSON.stringify(run.limits),
      priority: run.priority,
      trace_id: run.traceId,
      requested_by: run.requestedBy,
      api_key_id: run.apiKeyId,
      parent_run_id: run.parent?.runId ?? null,
      parent_call_id: run.parent?.callId ?? null,
      depth: run.parent?.depth ?? 0,
      replay_of: run.replayOf,
      output: null,
      reason: null,
      message: null,
      limit_name: null,
      cancel_requested_at: null,
      ended_at: null,
    })
    .returning('created_at')
    .executeTakeFirstOrThrow()
  return row.created_at
}

/** A run of which nothing but its creation has been recorded. */
export const queuedRun = (run: NewRun, { environment, createdAt }: { environment: string; createdAt: Date }): Run => ({
  id: run.id,
  sessionId: run.sessionId,
  parentRunId: run.parent?.runId ?? null,
  replayOf: run.replayOf,
  environment,
  agent: run.agent,
  agentVersion: run.agentVersion,
  status: 'queued',
  priority: run.priority,
  input: run.input,
  output: null,
  reason: null,
  message: null,
  limit: null,
  limits: run.limits,
  spent: { steps: 0, toolCalls: 0, inputTokens: 0, outputTokens: 0, nanoUsd: 0, seconds: 0 },
  rehearsal: false,
  requestedBy: run.requestedBy,
  traceId: run.traceId,
  createdAt: createdAt.toISOString(),
  updatedAt: createdAt.toISOString(),
  endedAt: null,
})

export async function findRun(connection: Connection, scope: Scope, id: string): Promise<Run | undefined> {
  const row = await selectRuns(connection, scope).where('runs.id', '=', id).executeTakeFirst()
  return row && toRun(row)
}

/** Runs after the cursor, newest first: ids grow with time (UUID version 7). */
export async function listRuns(
  connection: Connection,
  scope: Scope,
  filters: Omit<RunQuery, 'cursor' | 'limit'>,
  { before, limit }: { before: string | undefined; limit: number },
): Promise<Run[]> {
  let query = selectRuns(connection, scope).orderBy('runs.id', 'desc').limit(limit)
  if (before) query = query.where('runs.id', '<', before)
  if (filters.agent) query = query.where('runs.agent', '=', filters.agent)
  if (filters.status) query = query.where('runs.status', '=', filters.status)
  if (filters.priority) query = query.where('runs.priority', '=', filters.priority)
  if (filters.parentRunId) query = query.where('runs.parent_run_id', '=', filters.parentRunId)
  if (filters.sessionId) query = query.where('runs.session_id', '=', filters.sessionId)
  if (filters.createdAfter) query = query.where('runs.created_at', '>', new Date(filters.createdAfter))
  if (filters.createdBefore) query = query.where('runs.created_at', '<', new Date(filters.createdBefore))
  return (await query.execute()).map(toRun)
}

/** The run of a session that has not ended. */
export async function openRunOf(connection: Connection, scope: Scope, sessionId: string): Promise<string | undefined> {
  const row = await connection
    .selectFrom('runs')
    .select('id')
    .where(inScope(scope))
    .where('session_id', '=', sessionId)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  return row?.id
}

/** What all runs of a session have used up. */
export async function spentInSession(
  connection: Connection,
  scope: Scope,
  sessionId: string,
): Promise<Omit<Spent, 'seconds'>> {
  const { rows } = await sql<Omit<Spent, 'seconds'>>`
    select coalesce(sum(steps), 0)::float8 as steps, coalesce(sum(tool_calls), 0)::float8 as "toolCalls",
      coalesce(sum(input_tokens), 0)::float8 as "inputTokens", coalesce(sum(output_tokens), 0)::float8 as "outputTokens",
      coalesce(sum(nano_usd), 0)::float8 as "nanoUsd"
    from runs where organisation_id = ${scope.organisationId} and environment_id = ${scope.environmentId}
      and session_id = ${sessionId}`.execute(connection)
  return rows[0] ?? { steps: 0, toolCalls: 0, inputTokens: 0, outputTokens: 0, nanoUsd: 0 }
}

/** Why somebody wants a run to stop: it was cancelled, or the key that started it was revoked. */
export type WantedStop = 'cancelled' | 'key-revoked'

/** A run as the worker that has claimed it needs it. */
export interface ClaimedRun {
  readonly id: string
  readonly fence: number
  readonly scope: Scope
  readonly environment: string
  readonly sessionId: string
  readonly agent: string
  readonly agentVersion: string
  readonly limits: RunLimits
  readonly priority: RunPriority
  readonly workedMs: number
  readonly traceId: string
  readonly requestedBy: string
  readonly apiKeyId: string
  readonly userId: string | null
  readonly teamId: string | null
  /** Name of the team. */
  readonly team: string | null
  readonly role: string
  readonly parentRunId: string | null
  /** How many runs have started each other until this one. */
  readonly depth: number
  readonly createdAt: Date
  /** Why it is to stop before it is done. */
  readonly stop: WantedStop | undefined
}

interface RequesterColumns {
  revoked_at: Date | null
  environment: string
  role: string
  user_id: string | null
  team_id: string | null
  team: string | null
}

/** Takes the run for this worker by raising its fence, so that any other worker's appends are refused from now on. */
export async function claimRun(connection: Connection, id: string): Promise<ClaimedRun | undefined> {
  // across tenants: jobs name runs by id; the row says whose it is
  const { rows } = await sql<Selectable<Tables['runs']> & RequesterColumns>`
    update runs set fence = fence + 1, status = 'running', updated_at = now()
    from environments, api_keys left join teams on teams.id = api_keys.team_id
    where runs.id = ${id} and ended_at is null and environments.id = runs.environment_id and api_keys.id = runs.api_key_id
    returning runs.*, environments.name as environment,
      api_keys.role, api_keys.revoked_at, api_keys.user_id, api_keys.team_id, teams.name as team`.execute(connection)
  const row = rows[0]
  return (
    row && {
      id: row.id,
      fence: row.fence,
      scope: { organisationId: row.organisation_id, environmentId: row.environment_id },
      environment: row.environment,
      sessionId: row.session_id,
      agent: row.agent,
      agentVersion: row.agent_version,
      limits: row.limits,
      priority: row.priority,
      workedMs: row.worked_ms,
      traceId: row.trace_id,
      requestedBy: row.requested_by,
      apiKeyId: row.api_key_id,
      userId: row.user_id,
      teamId: row.team_id,
      team: row.team,
      role: row.role,
      parentRunId: row.parent_run_id,
      depth: row.depth,
      createdAt: row.created_at,
      stop: wantedStop(row),
    }
  )
}

/** Locks the run and says where it is, for a change that is about to be decided on. */
export async function lockRun(
  connection: Connection,
  scope: Scope,
  id: string,
): Promise<Pick<Run, 'status' | 'priority' | 'sessionId' | 'parentRunId'> | undefined> {
  const row = await connection
    .selectFrom('runs')
    .select(['status', 'priority', 'session_id', 'parent_run_id'])
    .where(inScope(scope))
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  return (
    row && { status: row.status, priority: row.priority, sessionId: row.session_id, parentRunId: row.parent_run_id }
  )
}

export async function statusesOf(
  connection: Connection,
  scope: Scope,
  ids: readonly string[],
): Promise<Run['status'][]> {
  const rows = await connection
    .selectFrom('runs')
    .select('status')
    .where(inScope(scope))
    .where('id', 'in', ids)
    .execute()
  return rows.map(({ status }) => status)
}

/** How many runs of the tenant wait for a worker; counted no further than the limit. */
export async function countQueued(connection: Connection, scope: Scope, limit: number): Promise<number> {
  const queued = connection
    .selectFrom('runs')
    .select('id')
    .where(inScope(scope))
    .where('status', '=', 'queued')
    .limit(limit)
    .as('queued')
  const { count } = await connection
    .selectFrom(queued)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** Runs that a run has started and that have not ended. */
export async function openChildren(connection: Connection, scope: Scope, parentRunId: string): Promise<string[]> {
  const rows = await connection
    .selectFrom('runs')
    .select('id')
    .where(inScope(scope))
    .where('parent_run_id', '=', parentRunId)
    .where('ended_at', 'is', null)
    .execute()
  return rows.map(({ id }) => id)
}

/** Notes that somebody wants the run to stop, and tells the worker that has it. */
export async function requestCancel(connection: Connection, scope: Scope, id: string): Promise<void> {
  await connection
    .updateTable('runs')
    .set({ cancel_requested_at: new Date() })
    .where(inScope(scope))
    .where('id', '=', id)
    .where('cancel_requested_at', 'is', null)
    .execute()
  await sql`select pg_notify(${cancelChannel}, ${id})`.execute(connection)
}

/** Why the run is to stop, if it is. */
export async function findWantedStop(
  connection: Connection,
  scope: Scope,
  id: string,
): Promise<WantedStop | undefined> {
  const row = await connection
    .selectFrom('runs')
    .where(inScope(scope))
    .where('id', '=', id)
    .select(({ selectFrom }) => [
      'cancel_requested_at',
      selectFrom('api_keys').whereRef('api_keys.id', '=', 'runs.api_key_id').select('revoked_at').as('revoked_at'),
    ])
    .executeTakeFirst()
  return row && wantedStop(row)
}

const wantedStop = (row: { cancel_requested_at: Date | null; revoked_at: Date | null }): WantedStop | undefined =>
  row.cancel_requested_at ? 'cancelled' : row.revoked_at ? 'key-revoked' : undefined

/** Marks a run that waited as ready to go on. */
export async function markQueued(connection: Connection, scope: Scope, id: string): Promise<void> {
  await connection
    .updateTable('runs')
    .set({ status: 'queued', updated_at: new Date() })
    .where(inScope(scope))
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .execute()
}

/** Runs that wait for a worker, in all environments. */
export async function countAllQueued(connection: Connection): Promise<number> {
  // across tenants: a figure for whoever runs the platform
  const { count } = await connection
    .selectFrom('runs')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('status', '=', 'queued')
    .executeTakeFirstOrThrow()
  return count
}
