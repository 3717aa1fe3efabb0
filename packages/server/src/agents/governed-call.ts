import {
  CausewayError,
  hasEnded,
  type EventData,
  type GivenCall,
  type LiveFrame,
  type Run,
  type SessionEvent,
} from '@causeway/contracts'
import canonicalize from 'canonicalize'
import type { TraceContext } from '../http/index.ts'
import type { Caller } from '../identity/index.ts'
import { createRun, type CreateRunDependencies } from './create-run.ts'
import type { EventSource } from './event-source.ts'
import { claimIdempotencyKey } from './idempotency-store.ts'
import type { LiveFrames } from './live-frames.ts'
import { listRuns } from './run-store.ts'
import { ensureAgentSession } from './ensure-agent-session.ts'
import { readEvents } from './session-store.ts'
import { settledRun } from './settled-run.ts'

/** How a call that somebody else than a model asked for has ended, or that people must decide on it first. */
export type GovernedEnd = { runId: string; log: readonly SessionEvent[] } & (
  | { state: 'settled'; event: EventData<'tool-responded'> | EventData<'tool-denied'> }
  | { state: 'waits'; approvals: EventData<'approval-requested'>[] }
)

export interface GovernedCallDependencies extends CreateRunDependencies, EventSource {
  live: LiveFrames
}

/** How far a tool is. */
export type ToolProgress = Pick<Extract<LiveFrame, { type: 'tool-progress' }>, 'progress' | 'total'>

/** What is asked for, in which session of which agent. */
export interface GovernedRequest extends GivenCall {
  agent: string
  sessionId: string
  /** Whether the session is made when there is none. */
  isNew: boolean
  /** What the user has said, where that is known: values in it count as said. */
  input: string
  /** Where in a trace of whoever asks it was asked for. */
  trace?: TraceContext | undefined
  /** Told how far the tool is, where it runs on this replica. */
  onProgress?: (progress: ToolProgress) => void
}

/** Milliseconds that a call before it may take. */
const earlierAtMostMs = 60_000

/**
 * Carries out one call of a tool as a run of its session, with all that is decided, recorded and labelled as in every run. A call
 * that waits for a person is answered at once; asked for again with the same arguments, it gives what has become of it.
 * @throws CausewayError not-found (agent), session-busy, and what creating a run throws
 */
export async function governedCall(
  dependencies: GovernedCallDependencies,
  caller: Caller,
  { agent, sessionId, isNew, input, trace, onProgress, ...call }: GovernedRequest,
  signal: AbortSignal,
): Promise<GovernedEnd> {
  const { database } = dependencies
  if (isNew) await ensureAgentSession(dependencies, caller, { agent, sessionId })
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(earlierAtMostMs)])
  for (;;) {
    const [last] = await listRuns(database.kysely, caller, { sessionId }, { before: undefined, limit: 1 })
    const earlier = last && (await lookBack(dependencies, caller, { last, call, inTime }))
    if (earlier) return earlier
    try {
      const run = await createRun(dependencies, caller, { agent, sessionId, input, calls: [call] }, undefined, {
        trace,
      })
      const unwatch = onProgress && watchProgress(dependencies.live, run.id, onProgress)
      try {
        return await endOf(dependencies, caller, await settledRun(dependencies, caller, run, signal))
      } finally {
        unwatch?.()
      }
    } catch (error) {
      // Another call of the same client was faster: this one follows it.
      if (!(error instanceof CausewayError && error.code === 'session-busy') || inTime.aborted) throw error
    }
  }
}

const watchProgress = (live: LiveFrames, runId: string, onProgress: (progress: ToolProgress) => void): (() => void) =>
  live.watch(runId, frame => {
    if (frame.type === 'tool-progress') onProgress(frame)
  })

/** What became of the last run, where that was this call and nobody was told yet; waits for another to end. */
async function lookBack(
  dependencies: GovernedCallDependencies,
  caller: Caller,
  { last, call, inTime }: { last: Run; call: GivenCall; inTime: AbortSignal },
): Promise<GovernedEnd | undefined> {
  const { kysely } = dependencies.database
  const log = { sessionId: last.sessionId, runId: last.id, after: 0, limit: 100 }
  const events = await readEvents(kysely, caller, { ...log, types: ['run-created', 'approval-requested'] })
  const asked = events.flatMap(({ type, data }) => (type === 'run-created' ? (data.calls ?? []) : []))
  const same = asked.length === 1 && asked[0]?.tool === call.tool && isSame(asked[0].arguments, call.arguments)
  const waited = events.some(({ type }) => type === 'approval-requested')
  const isSameCall = same && waited
  const isSettled = hasEnded(last.status) || (isSameCall && last.status === 'waiting')
  // What a person has decided on is under way.
  const now = isSettled ? last : await settledRun(dependencies, caller, last, inTime)
  if (isSameCall && now.status === 'waiting') return endOf(dependencies, caller, now)
  if (!hasEnded(now.status))
    throw new CausewayError(
      'session-busy',
      `Another call of the session ${last.sessionId} is under way or waits for a person; cancel its run ${last.id}, or have it decided.`,
    )
  if (!isSameCall) return undefined
  const told = { key: `told:${last.id}`, requestHash: '', resourceId: crypto.randomUUID() }
  const { resourceId } = await claimIdempotencyKey(kysely, caller, told)
  return resourceId === told.resourceId ? endOf(dependencies, caller, now) : undefined
}

async function endOf(
  { database }: GovernedCallDependencies,
  caller: Caller,
  { id: runId, sessionId, status, reason, message }: Run,
): Promise<GovernedEnd> {
  const log = await readEvents(database.kysely, caller, { sessionId, runId, after: 0, limit: 100 })
  const event = log.findLast(({ type }) => type === 'tool-responded' || type === 'tool-denied')
  if (event?.type === 'tool-responded' || event?.type === 'tool-denied')
    return { state: 'settled', runId, log, event: event.data }
  if (hasEnded(status))
    throw new CausewayError('tool-failed', `The run ${runId} ended: ${message ?? reason ?? status}.`)
  const approvals = log.flatMap(({ type, data }) => (type === 'approval-requested' ? [data] : []))
  return { state: 'waits', runId, log, approvals }
}

const isSame = (one: unknown, other: unknown): boolean => canonicalize(one) === canonicalize(other)
