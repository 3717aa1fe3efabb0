import {
  CausewayError,
  hasEnded,
  type EventData,
  type ReplayRun,
  type Run,
  type SessionEvent,
} from '@causeway/contracts'
import type { Caller } from '../identity/index.ts'
import { createRun, type CreateRunDependencies } from './create-run.ts'
import { callIdentity } from './fold-session.ts'
import { forkSession } from './fork-session.ts'
import { readWholeSession } from './read-session.ts'
import { findRun } from './run-store.ts'

/**
 * Starts a run that repeats another: the same conversation before it and the same input, against another version, route or instructions
 * if they are given. No tool is called: calls are answered as they were answered then.
 * @throws CausewayError not-found, conflict while the run has not ended
 */
export async function replayRun(
  dependencies: CreateRunDependencies,
  caller: Caller,
  runId: string,
  { agentVersion, model, instructions }: ReplayRun,
): Promise<Run> {
  const { kysely } = dependencies.database
  const original = await findRun(kysely, caller, runId)
  if (!original) throw new CausewayError('not-found', `There is no run ${runId} in ${caller.environment}.`)
  if (!hasEnded(original.status)) throw new CausewayError('conflict', `The run ${runId} has not ended.`)
  const events = await readWholeSession(kysely, caller, original.sessionId)
  const created = events.find(event => event.type === 'run-created' && event.runId === runId)
  if (created?.type !== 'run-created') throw new CausewayError('not-found', `The log of the run ${runId} is gone.`)
  const { agent, input, attachments, calls, scope, history, parent, inherited, limits } = created.data
  const fork = await forkSession(dependencies, caller, original.sessionId, {
    after: created.sequence - 1,
    agentVersion: agentVersion ?? original.agentVersion,
  })
  const request = {
    agent,
    sessionId: fork.id,
    input,
    limits,
    ...(scope && { scope }),
    ...(calls && { calls: calls.map(({ tool, arguments: values }) => ({ tool, arguments: objectOf(values) })) }),
  }
  return createRun(dependencies, caller, request, undefined, {
    ...(attachments && { attachments }),
    ...(history && { history }),
    ...(parent && { parent }),
    ...(inherited && { inherited }),
    replay: {
      runId,
      sessionId: original.sessionId,
      ...(model !== undefined && { model }),
      ...(instructions !== undefined && { instructions }),
    },
  })
}

const objectOf = (values: Record<string, unknown> | string): Record<string, unknown> =>
  typeof values === 'string' ? {} : values

/** How a call was answered. */
export type Recorded =
  | { type: 'tool-responded'; data: EventData<'tool-responded'> }
  | { type: 'tool-denied'; data: EventData<'tool-denied'> }
  | { type: 'question-answered'; data: EventData<'question-answered'> }

const identityOf = ({ callId: _callId, tool, ...asked }: EventData<'question-asked'>): string =>
  callIdentity(tool, asked)

/** Answers of a run to the calls of its model, each given once for the same call. */
export class Recording {
  readonly #answers = new Map<string, Recorded[]>()
  readonly #versions = new Map<string, string>()

  constructor(events: Iterable<SessionEvent>, runId: string) {
    const called = new Map<string, string>()
    /** Calls as the model made them, where a person has changed them. */
    const asked = new Map<string, string>()
    for (const event of events) {
      if (event.runId !== runId) continue
      if (event.type === 'approval-requested')
        asked.set(event.data.callId, callIdentity(event.data.tool, event.data.arguments))
      if (event.type === 'tool-called') {
        const { callId, tool, arguments: values } = event.data
        called.set(callId, asked.get(callId) ?? callIdentity(tool, values))
        this.#versions.set(event.data.tool, event.data.toolVersion)
      }
      if (event.type === 'question-asked') called.set(event.data.callId, identityOf(event.data))
      if (event.type === 'tool-responded' || event.type === 'question-answered')
        this.#add(called.get(event.data.callId), event)
      if (event.type === 'tool-denied' && typeof event.data.arguments !== 'string')
        this.#add(callIdentity(event.data.tool, event.data.arguments), event)
    }
  }

  /** The version of a tool that was called then, the last one. */
  versionOf(tool: string): string | undefined {
    return this.#versions.get(tool)
  }

  /** The next answer to this call; undefined for one that was not made then, or not as often. */
  take(tool: string, values: Record<string, unknown>): Recorded | undefined {
    return this.#answers.get(callIdentity(tool, values))?.shift()
  }

  /** Takes what a segment before this one has taken. */
  goOnAfter(events: Iterable<SessionEvent>, runId: string): void {
    for (const event of events)
      if (event.runId !== runId) continue
      else if (event.type === 'question-asked') this.#answers.get(identityOf(event.data))?.shift()
      else if (event.type === 'tool-called' || event.type === 'tool-denied')
        if (typeof event.data.arguments !== 'string') this.take(event.data.tool, event.data.arguments)
  }

  #add(identity: string | undefined, answer: Recorded): void {
    if (identity === undefined) return
    const earlier = this.#answers.get(identity)
    if (earlier) earlier.push(answer)
    else this.#answers.set(identity, [answer])
  }
}
