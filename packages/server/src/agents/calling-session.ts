import { CausewayError, type EventData, type Session } from '@causeway/contracts'
import { v7 as uuid } from 'uuid'
import type { Connection, Database } from '../database/index.ts'
import type { TraceContext } from '../http/index.ts'
import { requireRight, type Caller } from '../identity/index.ts'
import type { Manifests } from '../manifests/index.ts'
import type { CallingSession, ModelCallRecord } from '../models/index.ts'
import { newTraceId, type Logger } from '../telemetry/index.ts'
import { appendEvents, FencedError } from './event-log-store.ts'
import { reachedLimit } from './reached-limit.ts'
import { insertRun, openRunOf, spentInSession } from './run-store.ts'
import { dataClassesRead, findSession } from './session-store.ts'

interface CallingSessionDependencies {
  database: Database
  manifests: Manifests
  logger: Logger
}

/** How often a call is put into the log when runs of the session begin and end meanwhile. */
const attemptsAtMost = 5

/**
 * The session of a loop that a team has written itself. Its calls of models count as calls of the agent, within what a run of that
 * agent may use, and stand in the log beside those of tools.
 * @throws CausewayError not-found, conflict (erased), missing-right
 */
export async function openCallingSession(
  { database, manifests, logger }: CallingSessionDependencies,
  caller: Caller,
  id: string,
): Promise<CallingSession> {
  requireRight(caller, 'runs:write')
  const { kysely } = database
  const session = await sessionOf(kysely, caller, id)
  if (session.erasedAt) throw new CausewayError('conflict', `The session ${id} was erased; start a new one.`)
  const agent = await manifests.version(caller, 'Agent', session.agent, session.agentVersion)
  if (!agent) throw new CausewayError('internal', `The version ${session.agentVersion} of ${session.agent} is gone.`)
  const { limits } = agent.spec

  return {
    id,
    agent: session.agent,
    dataClasses: await dataClassesRead(kysely, caller, id),
    async admit({ inputTokens, outputTokens, nanoUsd }) {
      const spent = await spentInSession(kysely, caller, id)
      const limit = reachedLimit({ spent, created: { limits } }, 'model', {
        tokens: inputTokens + outputTokens,
        nanoUsd,
      })
      if (limit)
        throw new CausewayError(
          'limit-exceeded',
          `The session ${id} has used up the limit of ${limit} of the agent ${session.agent}, or the call could; start a new session.`,
        )
    },
    async note(call) {
      try {
        for (let attempt = 1; !(await tryToNote(call)); attempt++)
          if (attempt === attemptsAtMost) throw new Error('runs of the session begin and end all the time')
      } catch (error) {
        logger.error({ err: error, sessionId: id, requestId: call.requestId }, 'a model call is not in its session')
      }
    },
  }

  /** Appends to the run that is under way, or else to one of its own. @returns whether it stands in the log */
  async function tryToNote(call: ModelCallRecord): Promise<boolean> {
    try {
      const open = await openRunOf(kysely, caller, id)
      if (open === undefined) await noteInOwnRun(call)
      else await appendEvents(kysely, { runId: open, fence: null, events: [called(call)], progress: progressOf(call) })
      return true
    } catch (error) {
      if (error instanceof FencedError || isBusy(error)) return false
      throw error
    }
  }

  async function noteInOwnRun(call: ModelCallRecord): Promise<void> {
    await database.transaction(async transaction => {
      const run = newRun(caller, session, { limits, trace: call.trace })
      await insertRun(transaction, caller, run)
      const { id: runId, agentVersion, requestedBy, traceId } = run
      const created = { agent: session.agent, agentVersion, input: '', limits, calls: [], requestedBy, traceId }
      const spent = { ...progressOf(call), toolCalls: 0, seconds: call.durationMs / 1000 }
      await appendEvents(transaction, {
        runId,
        fence: null,
        events: [
          { type: 'run-created', data: created },
          called(call),
          { type: 'run-ended', data: { status: 'succeeded', reason: 'completed', output: null, spent } },
        ],
        progress: {
          ...progressOf(call),
          workedMs: call.durationMs,
          rehearsal: call.rehearsal,
          status: 'succeeded',
          ended: { output: null, reason: 'completed', message: null, limit: null },
        },
      })
    })
  }
}

async function sessionOf(connection: Connection, caller: Caller, id: string): Promise<Session> {
  const session = await findSession(connection, caller, id)
  if (!session) throw new CausewayError('not-found', `There is no session ${id} in ${caller.environment}.`)
  return session
}

const newRun = (
  caller: Caller,
  { id, agent, agentVersion }: Session,
  { limits, trace }: { limits: EventData<'run-created'>['limits']; trace: TraceContext | undefined },
) => ({
  id: `run_${uuid()}`,
  sessionId: id,
  agent,
  agentVersion,
  input: '',
  limits,
  priority: 'interactive' as const,
  traceId: trace?.traceId ?? newTraceId(),
  requestedBy: caller.actor,
  apiKeyId: caller.keyId,
  replayOf: null,
})

const progressOf = ({ usage, cost }: ModelCallRecord) => ({
  steps: 1,
  inputTokens: usage.inputTokens,
  outputTokens: usage.outputTokens,
  nanoUsd: cost.nanoUsd,
})

const called = (call: ModelCallRecord): { type: 'model-called'; data: EventData<'model-called'> } => {
  const { requestId, route, provider, model, rehearsal, usage, cost, durationMs, outcome, errorCode } = call
  const made = { requestId, route, provider, model, rehearsal, usage, cost, durationMs, outcome }
  return { type: 'model-called', data: { ...made, ...(errorCode && { error: errorCode }) } }
}

/** A unique index admits one unfinished run for each session. */
const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'constraint' in error && error.constraint === 'runs_one_active_per_session'
