import {
  eventSchemaVersion,
  type AgentSpec,
  type EndStatus,
  type EventData,
  type LimitName,
  type NewEvent,
  type SessionEvent,
} from '@causeway/contracts'
import type { Approvals } from '../approvals/index.ts'
import type { Audit, AuditRecord } from '../audit/index.ts'
import type { Jobs } from '../jobs/index.ts'
import type { Ledger } from '../budgets/index.ts'
import { storable, type BatchWriter, type Carried, type Connection, type Database } from '../database/index.ts'
import type { Guardrails } from '../guardrails/index.ts'
import type { Manifests } from '../manifests/index.ts'
import type { Objectives } from '../objectives/index.ts'
import type { Models } from '../models/index.ts'
import type { DecisionRequest, Policy } from '../policy/index.ts'
import type { Telemetry } from '../telemetry/index.ts'
import type { ExecuteTool } from '../tools/index.ts'
import type { AppendToLog } from './append-queue.ts'
import { appendEvents, type Appended, type EffectChange, type RunProgress } from './event-log-store.ts'
import { type CallState, type RunState, SessionFold } from './fold-session.ts'
import { cancelChildren } from './cancel-run.ts'
import type { CallbackAddresses } from './callback-address.ts'
import type { FreshEvents } from './fresh-events.ts'
import type { Recording } from './replay-run.ts'
import { resumeIfWaiting } from './resume-if-waiting.ts'
import type { LiveFrames } from './live-frames.ts'
import type { Notifications } from './notifications.ts'
import { readWholeSession } from './read-session.ts'
import type { ClaimedRun } from './run-store.ts'
import { spanOfRun } from './spans.ts'

/** What a segment works with. */
export interface SegmentDependencies {
  database: Database
  jobs: Jobs
  manifests: Manifests
  models: Models
  policy: Policy
  guardrails: Guardrails
  ledger: Ledger
  audit: Audit
  /** Takes records of the audit log for which nothing waits. */
  audited: Pick<BatchWriter<AuditRecord>, 'add'>
  approvals: Approvals
  executeTool: ExecuteTool
  telemetry: Telemetry
  live: LiveFrames
  fresh: FreshEvents
  /** Where a segment appends outside of a transaction. */
  appendToLog: AppendToLog
  callbacks: CallbackAddresses
  notifications: Notifications
  objectives: Pick<Objectives, 'countRun'>
  replica: string
}

/** A claimed run with its log. */
export interface OpenRun {
  readonly dependencies: SegmentDependencies
  readonly run: ClaimedRun
  readonly startedAt: number
  /** The state of the run: its log, folded, and everything that this segment has appended since. */
  readonly fold: SessionFold
  /** What is known and goes into the log with the next append. */
  readonly unrecorded: Unrecorded[]
  /** Ends when what is being recorded is in the log. Never fails. */
  writing: Promise<void>
  /** The last place in the log that this segment knows. A later one is of somebody else. */
  sequence: number
  /** When the last append told how long the run has worked, in milliseconds of the monotonic clock. */
  accountedAt: number
}

/** One stretch of work on a claimed run: what its steps share. */
export interface Segment extends OpenRun {
  readonly agent: AgentSpec
  /** How the calls of the run were answered that this one repeats. Present in a replay, which calls no tools. */
  readonly recording?: Recording
  /** Aborted when the replica begins to stop. */
  readonly stopping: AbortSignal
  /** Aborted with a SegmentStopped when the run is to stop. */
  readonly signal: AbortSignal
}

/** Reads the log of a claimed run, and settles what the last segment left open in the books. */
export async function openRun(dependencies: SegmentDependencies, run: ClaimedRun): Promise<OpenRun> {
  const { kysely } = dependencies.database
  // Before the first claim nobody has worked on it.
  if (run.fence > 1) await dependencies.ledger.settleAbandoned(kysely, run.id)
  const now = performance.now()
  const fold = new SessionFold(run.id)
  const events = await readWholeSession(kysely, run.scope, run.sessionId)
  for (const event of events) fold.add(event)
  const sequence = events.at(-1)?.sequence ?? 0
  return {
    dependencies,
    // Whom the session was handed over to acts in place of the agent that was asked.
    run: { ...run, ...fold.state().actor },
    startedAt: now,
    accountedAt: now,
    sequence,
    writing: Promise.resolve(),
    unrecorded: [],
    fold,
  }
}

/** What is known and not yet in the log, with what belongs to it. */
interface Unrecorded {
  events: readonly NewEvent[]
  progress?: RunProgress
  effect?: EffectChange | undefined
  carried?: readonly Carried[]
}

/**
 * Holds a result back for the statement that records the next thing. No tool is called before what is known is recorded, and no answer of
 * a model counts: every call of one has an `append` or a `flush` before or beside it, so a crash loses no more than one between the
 * result and its record would, and at the most one call of a model.
 */
export function note(segment: OpenRun, { carried = [], ...known }: Unrecorded): void {
  // A model or a tool may say what the database refuses. The run goes on with what its log will have.
  const said = JSON.stringify(known)
  const kept = storable(said)
  const written: Unrecorded = kept === said ? known : JSON.parse(kept)
  segment.unrecorded.push({ ...written, carried })
  for (const event of written.events) segment.fold.add({ ...event, runId: segment.run.id })
}

/** Appends to the log, after what was noted, while the run is still owned here. @throws FencedError */
export async function append(segment: OpenRun, known: Unrecorded): Promise<void> {
  note(segment, known)
  await flush(segment)
}

/** Records what was noted, in one statement; after those that are being recorded. @throws FencedError */
export async function flush(segment: OpenRun, connection?: Connection): Promise<void> {
  const before = segment.writing
  const writing = writeAfter(before, segment, connection)
  segment.writing = writing.catch(() => undefined)
  return writing
}

async function writeAfter(before: Promise<void>, segment: OpenRun, transaction: Connection | undefined): Promise<void> {
  await before
  const { appendToLog, fresh } = segment.dependencies
  const written = await write(segment, transaction ? known => appendEvents(transaction, known) : appendToLog)
  // What a transaction has written may still be taken back.
  if (!transaction) fresh.send(written)
}

async function write(segment: OpenRun, appendToLog: AppendToLog): Promise<SessionEvent[]> {
  const { run } = segment
  // What is noted while this is written is for the next time.
  const unrecorded = [...segment.unrecorded]
  if (unrecorded.length === 0) return []
  const now = performance.now()
  const effects = unrecorded.flatMap(({ effect }) => (effect ? [[effect.key, effect] as const] : []))
  const events = unrecorded.flatMap(each => each.events)
  const appended = await appendToLog({
    runId: run.id,
    fence: run.fence,
    events,
    progress: { ...sumOf(unrecorded.map(({ progress }) => progress ?? {})), workedMs: now - segment.accountedAt },
    effects: [...new Map(effects).values()],
    carried: unrecorded.flatMap(({ carried = [] }) => carried),
  })
  segment.accountedAt = now
  segment.sequence += events.length
  segment.unrecorded.splice(0, unrecorded.length)
  return events.map((event, index) => inLog(run, appended, event, index))
}

const inLog = (run: ClaimedRun, { after, at }: Appended, event: NewEvent, index: number): SessionEvent => ({
  sequence: after + 1 + index,
  sessionId: run.sessionId,
  runId: run.id,
  at: at.toISOString(),
  schemaVersion: eventSchemaVersion,
  ...event,
})

const counts = ['steps', 'toolCalls', 'inputTokens', 'outputTokens', 'nanoUsd'] as const

const sumOf = (all: readonly RunProgress[]): RunProgress => ({
  ...Object.assign({}, ...all),
  ...Object.fromEntries(counts.map(name => [name, all.reduce((sum, each) => sum + (each[name] ?? 0), 0)])),
})

/** Seconds, to the millisecond, that the run has worked in all its segments; waiting does not count. */
export const workedSeconds = ({ run, startedAt }: OpenRun): number =>
  Math.round(run.workedMs + performance.now() - startedAt) / 1000

/** How a run ends. */
export interface Ending {
  status: EndStatus
  reason: string
  limit?: LimitName
  message?: string
  output?: string
}

/** Ends the run: the last event of its log. */
export async function endRun(segment: OpenRun, state: Pick<RunState, 'spent'>, ending: Ending): Promise<void> {
  const { status, reason, limit, message, output } = ending
  const data: EventData<'run-ended'> = {
    status,
    reason,
    ...(limit && { limit }),
    ...(message && { message }),
    output: output ?? null,
    spent: { ...state.spent, seconds: workedSeconds(segment) },
  }
  note(segment, {
    events: [{ type: 'run-ended', data }],
    progress: {
      status,
      ended: { output: output ?? null, reason, message: message ?? null, limit: limit ?? null },
    },
  })
  const { dependencies, run } = segment
  const { parentRunId } = run
  if (parentRunId === null) await flush(segment)
  else
    await dependencies.database.transaction(async transaction => {
      await flush(segment, transaction)
      await resumeIfWaiting(transaction, dependencies, run.scope, parentRunId)
    })
  spanOfRun(segment, ending)
  void dependencies.objectives.countRun(run.scope, { agent: run.agent, status })
  if (segment.fold.state().children > 0)
    await cancelChildren(dependencies, { ...run.scope, environment: run.environment, actor: run.requestedBy }, run.id)
}

/** The ending of a run that has used up a limit. */
export const limited = (limit: LimitName): Ending => ({
  status: 'limited',
  reason: `limit-${limit.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`,
  limit,
  message: `The limit of ${limit} is used up, or the next step would go over it.`,
})

/** The calls of the last model answer that still need something done. */
export const openCalls = ({ calls }: RunState): CallState[] => calls.filter(({ settled }) => !settled)

/** Circumstances of a decision about this run. */
export const circumstancesOf = ({ run }: Segment): DecisionRequest['circumstances'] => ({
  environment: run.environment,
  role: run.role,
  requestedBy: run.requestedBy,
  team: run.team,
})
