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
import { hold, lockHeld, type Held } from './session-hold-store.ts'
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

  const holder = uuid()
  let held: Held | undefined

  return {
    id,
    agent: session.agent,
    dataClasses: await dataClassesRead(kysely, caller, id),
    admit({ inputTokens, outputTokens, nanoUsd }, { beside }) {
      const before = beside ? held : undefined
      const wanted: Held = {
        steps: 1,
        tokens: inputTokens + outputTokens + (before?.tokens ?? 0),
        nanoUsd: nanoUsd + (before?.nanoUsd ?? 0),
      }
      return database.transaction(async transaction => {
        const others = await lockHeld(transaction, caller, id, holder)
        const spent = await spentInSession(transaction, caller, id)
        const steps = spent.steps + others.steps
        const reservation = { tokens: others.tokens + wanted.tokens, nanoUsd: others.nanoUsd + wanted.nanoUsd }
        const limit = reachedLimit({ spent: { ...spent, steps }, created: { limits } }, 'model', reservation)
        if (limit)
          throw new CausewayError(
            'limit-exceeded',
            `The session ${id} has used up the limit of ${limit} of the agent ${session.agent}, or the calls that are under way could; start a new session.`,
          )
        await hold(transaction, caller, id, { call: holder, held: wanted })
        held = wanted
      })
    },
    async note(record) {
      try {
        for (let attempt = 1; !(await tryToNote(record)); attempt++)
          if (attempt === attemptsAtMost) throw new Error('runs of the session begin and end all the time')
        // Not before: what a call has used would count for nothing in between.
        if (held) await hold(kysely, caller, id, { call: holder, held: undefined })
      } catch (error) {
        logger.error({ err: error, sessionId: id, requestId: record.requestId }, 'a model call is not in its session')
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
