import { createHash } from 'node:crypto'
import {
  CausewayError,
  CreateRun,
  explainIssues,
  jsonPointer,
  RunLimits,
  type AgentSpec,
  type EventData,
  type Run,
} from '@causeway/contracts'
import { v7 as uuid } from 'uuid'
import type * as z from 'zod'
import type { Audit } from '../audit/index.ts'
import type { Connection, Database } from '../database/index.ts'
import type { Caller } from '../identity/index.ts'
import type { Jobs } from '../jobs/index.ts'
import type { Manifests } from '../manifests/index.ts'
import type { TraceContext } from '../http/index.ts'
import { newTraceId } from '../telemetry/index.ts'
import { insertAttachments } from './attachment-store.ts'
import { newAttachments } from './attachments.ts'
import { appendEvents } from './event-log-store.ts'
import { claimIdempotencyKey } from './idempotency-store.ts'
import { enqueueRun, placeInQueue } from './run-queue.ts'
import { findRun, insertRun, queuedRun } from './run-store.ts'
import { findSession, insertSession } from './session-store.ts'

export interface CreateRunDependencies {
  database: Database
  jobs: Jobs
  manifests: Manifests
  audit: Audit
  /** Runs of one environment that may wait for a worker. */
  queuedAtMost: number
}

/** What a run has beside what its request says. */
export type MoreOfRun = Pick<
  EventData<'run-created'>,
  'attachments' | 'history' | 'parent' | 'inherited' | 'replay'
> & {
  /** Where in a trace it was asked for; one of its own when absent. */
  trace?: TraceContext | undefined
}

/**
 * Records a new run and hands it to the queue in one transaction.
 * @throws CausewayError not-found (agent or session), session-busy, queue-full, idempotency-key-reused
 */
export async function createRun(
  { database, jobs, manifests, audit, queuedAtMost }: CreateRunDependencies,
  caller: Caller,
  request: CreateRun,
  idempotencyKey: string | undefined,
  { trace, ...more }: MoreOfRun = {},
): Promise<Run> {
  const { agent, input, attachments = [], calls, history, sessionId, limits, scope, priority } = readRequest(request)
  const session = sessionId ? await findSession(database.kysely, caller, sessionId) : undefined
  if (sessionId && !session)
    throw new CausewayError('not-found', `There is no session ${sessionId} in ${caller.environment}.`)
  if (session?.erasedAt) throw new CausewayError('conflict', `The session ${session.id} was erased; start a new one.`)
  if (session && session.agent !== agent)
    throw new CausewayError(
      'conflict',
      `The session ${session.id} belongs to the agent ${session.agent}, not to ${agent}.`,
    )
  const { version, spec } = await agentFor(manifests, caller, agent, session?.agentVersion)
  const runId = `run_${uuid()}`
  const files = newAttachments(attachments)

  return database.transaction(async transaction => {
    const earlier = idempotencyKey && (await earlierRun(transaction, caller, idempotencyKey, request, runId))
    if (earlier) return earlier
    const behind = await placeInQueue(transaction, caller, { priority, queuedAtMost })
    const run = {
      id: runId,
      sessionId: session?.id ?? `session_${uuid()}`,
      agent,
      agentVersion: version,
      input,
      limits: tightened(spec.limits, limits),
      priority,
      traceId: trace?.traceId ?? newTraceId(),
      requestedBy: caller.actor,
      apiKeyId: caller.keyId,
      replayOf: more.replay?.runId ?? null,
    }
    if (!session)
      await insertSession(transaction, caller, {
        id: run.sessionId,
        agent,
        agentVersion: version,
        createdBy: caller.actor,
      })
    const createdAt = await insertRun(transaction, caller, run).catch(busyOr(run.sessionId))
    await insertAttachments(
      transaction,
      caller,
      run.sessionId,
      files.map(({ file }) => file),
    )
    await enqueueRun(transaction, jobs, caller, { id: runId, priority, behind })
    const { agentVersion, limits: granted, requestedBy, traceId } = run
    // Last of all, since others wait for the audit log of the organisation until the transaction ends.
    await appendEvents(transaction, {
      runId,
      fence: null,
      events: [
        {
          type: 'run-created',
          data: {
            agent,
            agentVersion,
            input,
            ...(files.length > 0 && { attachments: files.map(({ attachment }) => attachment) }),
            limits: granted,
            ...(scope && { scope }),
            ...(history && { history }),
            ...more,
            ...(calls && { calls: calls.map((call, index) => ({ ...call, callId: `given${index}-${runId}` })) }),
            requestedBy,
            traceId,
            ...(trace && { parentSpanId: trace.parentSpanId }),
          },
        },
      ],
      carried: [
        audit.along({
          organisationId: caller.organisationId,
          environment: caller.environment,
          actor: caller.actor,
          action: 'run.created',
          subject: runId,
          detail: { agent, agentVersion, sessionId: run.sessionId },
        }),
      ],
    })
    return queuedRun(run, { environment: caller.environment, createdAt })
  })
}

/** Protocols make requests of what their clients send, so nothing is sure about them. @throws CausewayError invalid-request */
function readRequest(request: CreateRun): z.output<typeof CreateRun> {
  const parsed = CreateRun.safeParse(request)
  if (parsed.success) return parsed.data
  const problems = explainIssues(CreateRun, request, parsed.error.issues).map(({ path, message }) => ({
    pointer: jsonPointer(path),
    message,
  }))
  const [first] = problems
  throw new CausewayError('invalid-request', `${first?.pointer ?? ''}: ${first?.message ?? 'not valid'}`, { problems })
}

/** The agent as it is in force, or in the version that the session has fixed. */
async function agentFor(
  manifests: Manifests,
  caller: Caller,
  name: string,
  version: string | undefined,
): Promise<{ version: string; spec: AgentSpec }> {
  if (version) {
    const pinned = await manifests.version(caller, 'Agent', name, version)
    if (pinned) return { version, spec: pinned.spec }
  }
  const active = await manifests.active(caller, 'Agent', name)
  if (!active) throw new CausewayError('not-found', `There is no agent ${name} in ${caller.environment}.`)
  return { version: active.version, spec: active.manifest.spec }
}

/** Limits asked for can only tighten those of the agent. */
function tightened(own: RunLimits, asked: { [Name in keyof RunLimits]?: number | undefined } | undefined): RunLimits {
  const names = RunLimits.keyof().options
  return RunLimits.parse(Object.fromEntries(names.map(name => [name, Math.min(own[name], asked?.[name] ?? own[name])])))
}

async function earlierRun(
  connection: Connection,
  caller: Caller,
  key: string,
  request: CreateRun,
  runId: string,
): Promise<Run | undefined> {
  const { stream: _stream, wait: _wait, ...asked } = request
  const requestHash = createHash('sha256').update(JSON.stringify(asked)).digest('hex')
  const claimed = await claimIdempotencyKey(connection, caller, { key, requestHash, resourceId: runId })
  if (claimed.requestHash !== requestHash)
    throw new CausewayError('idempotency-key-reused', `The key ${key} was used for another request.`)
  return claimed.resourceId === runId ? undefined : existing(await findRun(connection, caller, claimed.resourceId))
}

/** A unique index admits one unfinished run for each session. */
const busyOr = (sessionId: string) => (error: unknown) => {
  if (error instanceof Error && 'constraint' in error && error.constraint === 'runs_one_active_per_session')
    throw new CausewayError('session-busy', `A run of the session ${sessionId} has not ended.`)
  throw error
}

function existing(run: Run | undefined): Run {
  if (!run) throw new CausewayError('not-found', 'The run does not exist.')
  return run
}
