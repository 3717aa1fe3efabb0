import {
  CausewayError,
  hasEnded,
  RunLimits,
  type EventData,
  type Label,
  type LimitName,
  type ManifestOf,
  type Run,
  type RunStatus,
} from '@causeway/contracts'
import { v7 as uuid } from 'uuid'
import type { Connection, Scope } from '../database/index.ts'
import { newTraceId } from '../telemetry/index.ts'
import { appendEvents } from './event-log-store.ts'
import { isWordless, readFinalOutput } from './final-output.ts'
import { SessionFold } from './fold-session.ts'
import { readWholeSession } from './read-session.ts'
import { enqueueRun } from './run-queue.ts'
import { findRun, insertRun, statusesOf } from './run-store.ts'
import { insertSession } from './session-store.ts'
import { flush, note, openCalls, workedSeconds, type Segment } from './segment.ts'

/** How far agents may call agents that call agents. */
const depthAtMost = 5
/** Runs that one run may start. */
const childrenAtMost = 100
/** Characters of what users have said that a run hands on. */
const saidAtMost = 200_000

/**
 * Starts the run of an agent that is called as a tool, within what is left of the limits of this one. What the model has seen here counts
 * as seen there, and only what the user has said here counts as said there.
 * @throws CausewayError not-found, limit-exceeded
 */
export async function startChild(
  segment: Segment,
  called: EventData<'tool-called'>,
  { spec }: ManifestOf<'Tool'>,
): Promise<EventData<'child-started'>> {
  const { dependencies, run, fold } = segment
  if (spec.implementation.type !== 'agent') throw new CausewayError('internal', `${called.tool} is no agent.`)
  const { agent } = spec.implementation
  const active = await dependencies.manifests.active(run.scope, 'Agent', agent)
  if (!active) throw new CausewayError('not-found', `There is no agent ${agent} in ${run.environment}.`)
  const { seen, children } = fold.state()
  if (run.depth >= depthAtMost)
    throw new CausewayError('limit-exceeded', `Agents call agents at most ${depthAtMost} deep.`)
  if (children >= childrenAtMost)
    throw new CausewayError('limit-exceeded', `A run starts at most ${childrenAtMost} others.`)
  const child = {
    id: `run_${uuid()}`,
    sessionId: `session_${uuid()}`,
    agent,
    agentVersion: active.version,
    input: inputOf(called.arguments),
    limits: shareOf(segment, active.manifest.spec.limits),
    priority: run.priority,
    traceId: newTraceId(),
    requestedBy: run.requestedBy,
    apiKeyId: run.apiKeyId,
    replayOf: null,
    parent: { runId: run.id, callId: called.callId, depth: run.depth + 1 },
  }
  const { callId, tool } = called
  const started = { callId, tool, agent, runId: child.id, sessionId: child.sessionId }
  const { database, jobs } = dependencies
  // What is noted is recorded by itself, so that the transaction holds the row of the run for a moment only.
  await flush(segment)
  await database.transaction(async transaction => {
    await insertSession(transaction, run.scope, {
      id: child.sessionId,
      agent,
      agentVersion: active.version,
      createdBy: `agent:${run.agent}`,
    })
    await insertRun(transaction, run.scope, child)
    const { id: runId, agentVersion, input, limits, requestedBy, traceId } = child
    const data: EventData<'run-created'> = {
      agent,
      agentVersion,
      input,
      limits,
      parent: { runId: run.id, callId, agent: run.agent },
      inherited: { context: called.decision.context ?? seen.context, said: lastOf(seen.userTexts) },
      requestedBy,
      traceId,
    }
    await appendEvents(transaction, { runId, fence: null, events: [{ type: 'run-created', data }] })
    await enqueueRun(transaction, jobs, run.scope, child)
    note(segment, { events: [{ type: 'child-started', data: started }] })
    await flush(segment, transaction)
  })
  return started
}

/** A run that was started and has ended. */
export interface EndedChild {
  run: Run
  /** What it has answered; JSON where its agent says so. */
  output: unknown
  /** The label of what its model has seen, endorsed where the answer has no room for words. */
  label: Label
}

/** The run that a call has started, if it has ended. */
export async function endedChild(
  { dependencies, run: { scope } }: Segment,
  { runId, sessionId }: EventData<'child-started'>,
): Promise<EndedChild | undefined> {
  const { database, manifests } = dependencies
  const run = await findRun(database.kysely, scope, runId)
  if (!run || !hasEnded(run.status)) return undefined
  const fold = new SessionFold(runId)
  const called = new Map<string, string>()
  for (const event of await readWholeSession(database.kysely, scope, sessionId)) {
    fold.add(event)
    if (event.type === 'tool-called') called.set(event.data.tool, event.data.toolVersion)
  }
  const { seen, created } = fold.state()
  const label = seen.context
  const schema = (await manifests.version(scope, 'Agent', run.agent, run.agentVersion))?.spec.output
  if (!schema || run.status !== 'succeeded') return { run, output: run.output, label }
  const { value } = { value: undefined, ...readFinalOutput(schema, run.output ?? '') }
  const used = await Promise.all([...called].map(([tool, version]) => manifests.version(scope, 'Tool', tool, version)))
  // It may have read what anybody has written; it must have been unable to act on it, and nobody who had read the like may have told
  // it what to say.
  const cleanlyAsked = created.inherited?.context.integrity !== 'untrusted'
  const onlyRead = used.every(tool => tool?.spec.effect === 'read' && !tool.spec.egress)
  const endorsed = label.integrity === 'untrusted' && cleanlyAsked && onlyRead && isWordless(schema)
  return { run, output: value, label: endorsed ? { ...label, integrity: 'endorsed' } : label }
}

/** Whether one of the runs has ended. */
export async function hasOneEnded(connection: Connection, scope: Scope, ids: readonly string[]): Promise<boolean> {
  const statuses: RunStatus[] = ids.length > 0 ? await statusesOf(connection, scope, ids) : []
  return statuses.some(hasEnded)
}

/** What the user of a run says that an agent has started. */
const inputOf = (values: Record<string, unknown>): string => {
  const { input, ...rest } = values
  return typeof input === 'string' && Object.keys(rest).length === 0 ? input : JSON.stringify(values)
}

/** Of what is left the equal share of each call that the model has asked for, so that all together cannot use more. */
function shareOf(segment: Segment, own: RunLimits): RunLimits {
  const state = segment.fold.state()
  const { spent, created } = state
  const used: Record<LimitName, number> = {
    steps: spent.steps,
    toolCalls: spent.toolCalls,
    tokens: spent.inputTokens + spent.outputTokens,
    costUsd: spent.nanoUsd / 1e9,
    seconds: workedSeconds(segment),
  }
  const among = Math.max(1, openCalls(state).length)
  const limits = Object.fromEntries(
    RunLimits.keyof().options.map(name => {
      // They work at the same time.
      const share = (created.limits[name] - used[name]) / (name === 'seconds' ? 1 : among)
      return [name, Math.min(own[name], name === 'costUsd' ? Math.max(0, share) : Math.floor(share))]
    }),
  )
  const possible = RunLimits.safeParse(limits)
  if (possible.success) return possible.data
  throw new CausewayError('limit-exceeded', 'Too little is left of the limits of the run to start another.')
}

function lastOf(texts: readonly string[]): string[] {
  let left = saidAtMost
  const kept = texts.toReversed().filter(text => (left -= text.length) >= 0)
  return kept.toReversed()
}
