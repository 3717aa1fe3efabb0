import { CausewayError, type EventData, type LimitName, type LiveFrame, type NewEvent } from '@causeway/contracts'
import type { Held, Settlement } from '../budgets/index.ts'
import type { Carried } from '../database/index.ts'
import {
  systemMessage,
  type CallEstimate,
  type ModelCallSubject,
  type ModelRequest,
  type ModelResponse,
} from '../models/index.ts'
import { askUserDefinition } from './ask-user.ts'
import { offeredTools, sentMessages } from './context.ts'
import { withAttachments } from './attachments.ts'
import { FencedError } from './event-log-store.ts'
import { handOffDefinition } from './hand-off.ts'
import { planDefinition } from './plan.ts'
import { spanOfModelCall } from './spans.ts'
import type { RunState } from './fold-session.ts'
import { reachedLimit } from './reached-limit.ts'
import { toldDescription } from './told-description.ts'
import { toolOf } from './tool-of.ts'
import { append, circumstancesOf, endRun, limited, note, type Segment } from './segment.ts'

/** What a model may write in one call when the agent does not say. */
const outputTokensAtMost = 4096

/** The next call would go over a limit of the run. */
class LimitReached extends Error {
  override readonly name = 'LimitReached'
  readonly limit: LimitName
  constructor(limit: LimitName) {
    super(`the limit of ${limit} is used up`)
    this.limit = limit
  }
}

/**
 * Asks the model for the next step and records what it answers.
 * @returns whether the run goes on; false when it has ended here
 */
export async function modelStep(segment: Segment, state: RunState): Promise<boolean> {
  const step = state.spent.steps + 1
  const { run } = segment
  const asked = await askModel(segment, state, await requestOf(segment, state), text => ({
    type: 'text-delta',
    runId: run.id,
    step,
    text,
  }))
  if (asked) record(segment, step, asked)
  return asked !== undefined
}

/** What a model has answered, with what settles the books for it. */
export interface Asked {
  response: ModelResponse
  carried: Carried[]
}

/** What the log says of whoever answered, beside what was answered. */
export const answererOf = ({ provider, model, rehearsal, usage, cost, durationMs }: ModelResponse) => ({
  provider,
  model,
  rehearsal,
  usage,
  cost,
  durationMs,
})

/** Notes what a model has answered: one step of the run, which the books and the limits count. */
export function noteAnswer(segment: Segment, event: NewEvent, { response, carried }: Asked): void {
  const { usage, cost, rehearsal } = response
  note(segment, {
    events: [event],
    progress: {
      steps: 1,
      inputTokens: usage.inputTokens,
      outputTokens: usage.outputTokens,
      nanoUsd: cost.nanoUsd,
      // Only ever turned on: a later answer must not take it back.
      ...(rehearsal && { rehearsal }),
    },
    carried,
  })
}

/**
 * Asks the model once: decide, reserve, call, settle. The call is made while the record of what was read before it is written: it has no
 * effect but its price, which the budgets have set aside. What became of an effect is recorded first.
 * @param frameOf what watchers are told of a piece of the answer
 * @returns undefined when the run has ended here
 */
export async function askModel(
  segment: Segment,
  state: RunState,
  request: ModelRequest,
  frameOf?: (text: string) => LiveFrame,
): Promise<Asked | undefined> {
  const { dependencies, run, signal } = segment
  const step = state.spent.steps + 1
  const lost = new AbortController()
  const reservation = createReservation(segment, state, request.route, error => lost.abort(error))
  // Nobody sees what a model says before what it was asked after.
  const tell = (frame: LiveFrame): void =>
    void reservation.recorded().then(
      () => dependencies.live.send(frame),
      () => undefined,
    )
  const startedAt = new Date()
  try {
    const response = await dependencies.models.call(run.scope, request, {
      signal: AbortSignal.any([signal, lost.signal]),
      dataClasses: state.seen.context.dataClasses ?? [],
      admit: async (subject, estimate) => {
        await reservation.admit(subject, estimate)
        tell({ type: 'model-started', runId: run.id, step, route: request.route })
      },
      ...(frameOf && { onText: text => tell(frameOf(text)) }),
    })
    await reservation.recorded()
    spanOfModelCall(segment, { route: request.route, startedAt, response })
    return { response, carried: reservation.settle(response) }
  } catch (thrown) {
    const isFenced = thrown instanceof FencedError
    await reservation.close(isFenced || signal.aborted)
    if (isFenced) throw thrown
    signal.throwIfAborted()
    if (isDatabaseAway(thrown)) throw thrown
    const error = toCausewayError(thrown)
    if (!(thrown instanceof LimitReached))
      spanOfModelCall(segment, { route: request.route, startedAt, response: error })
    await (thrown instanceof LimitReached
      ? endRun(segment, state, limited(thrown.limit))
      : fail(segment, state, request.route, error))
    return undefined
  }
}

/**
 * Decides on each target of the route before it is tried, and sets aside what the call can cost there.
 * @param onLost told when that could not be recorded: the run is owned by somebody else, or the database is away
 */
function createReservation(segment: Segment, state: RunState, route: string, onLost: (error: unknown) => void) {
  const { dependencies, run } = segment
  let open: { held: Held; estimate: CallEstimate } | undefined
  let recorded = Promise.resolve()
  const release = async (): Promise<void> => {
    if (open) await dependencies.ledger.release(open.held)
    open = undefined
  }
  return {
    /** Resolves when what was before the call is in the log, with the entry of the books. @throws FencedError */
    recorded: () => recorded,
    async admit(subject: ModelCallSubject, estimate: CallEstimate): Promise<void> {
      await recorded
      await release()
      const tokens = estimate.inputTokens + estimate.outputTokens
      const limit = reachedLimit(state, 'model', { tokens, nanoUsd: estimate.nanoUsd })
      if (limit) throw new LimitReached(limit)
      const decision = await dependencies.policy.decide(run.scope, {
        action: 'call-model',
        principal: { agent: run.agent },
        ...subject,
        circumstances: circumstancesOf(segment),
      })
      if (decision.answer !== 'allow')
        throw new CausewayError('policy-denied', decision.reasons.map(({ message }) => message).join(' '))
      const spender = {
        scope: run.scope,
        keyId: run.apiKeyId,
        userId: run.userId,
        teamId: run.teamId,
        agent: run.agent,
        route,
      }
      const { held, entry } = await dependencies.ledger.reserve({
        spender,
        runId: run.id,
        kind: 'model',
        subject: route,
        tokens,
        nanoUsd: estimate.nanoUsd,
      })
      open = { held, estimate }
      const hasEffect = segment.unrecorded.some(({ effect }) => effect !== undefined)
      recorded = append(segment, { events: [], carried: [entry] })
      recorded.catch(onLost)
      // What became of an effect is in the log before anybody acts on it.
      if (hasEffect) await recorded
    },
    settle({ usage, cost, priceVersion }: ModelResponse): Carried[] {
      const settled = open ? dependencies.ledger.settleAlong(open.held, { usage, cost, priceVersion }) : []
      open = undefined
      return settled
    },
    /** Ends a reservation whose call failed. One that was given up may still be billed, so the books take all that was reserved. */
    async close(givenUp: boolean): Promise<void> {
      await recorded.catch(() => undefined)
      if (open && givenUp) await dependencies.ledger.settle(open.held, abandoned(open.estimate))
      else await release()
    },
  }
}

async function requestOf(segment: Segment, state: RunState): Promise<ModelRequest> {
  const { dependencies, run, agent } = segment
  const offered = offeredTools(agent, state)
  const tools = await Promise.all(offered.map(name => toolOf(segment, name)))
  const messages = await withAttachments(
    dependencies.database.kysely,
    run.scope,
    sentMessages(agent, state.messages),
    state.attached,
  )
  const own = [
    ...(agent.questions ? [askUserDefinition] : []),
    ...(agent.plan ? [planDefinition] : []),
    ...(await handOffDefinition(dependencies, run.scope, agent)),
  ]
  return {
    route: agent.model,
    messages: [systemMessage(agent.instructions), ...messages],
    tools: [
      ...tools
        .filter(tool => tool !== undefined)
        .map(({ manifest }) => ({
          name: manifest.name,
          description: toldDescription(manifest.spec),
          input: manifest.spec.input,
        })),
      ...own,
    ],
    ...(agent.output && { output: { type: 'json-schema' as const, name: 'answer', schema: agent.output } }),
    ...(agent.temperature !== undefined && { temperature: agent.temperature }),
    // Always bounded, so that what is reserved is the most that the call can use.
    maxOutputTokens: agent.maxOutputTokens ?? outputTokensAtMost,
  }
}

function record(segment: Segment, step: number, asked: Asked): void {
  const { response } = asked
  const { text, toolCalls, finishReason, attempts, guardrails } = response
  const data: EventData<'model-responded'> = {
    step,
    route: segment.agent.model,
    ...answererOf(response),
    text,
    toolCalls: toolCalls.map((call, index) => ({ ...call, callId: `step${step}-${index}-${call.callId}` })),
    finishReason,
    attempts,
    ...(guardrails.length > 0 && { guardrails }),
  }
  noteAnswer(segment, { type: 'model-responded', data }, asked)
}

async function fail(segment: Segment, state: RunState, route: string, error: CausewayError): Promise<void> {
  const { code, message } = error
  const data = { step: state.spent.steps + 1, route, error: { code, message }, attempts: 1 }
  note(segment, { events: [{ type: 'model-failed', data }] })
  await endRun(segment, state, { status: 'failed', reason: code, message })
}

const abandoned = ({ inputTokens, outputTokens, nanoUsd }: CallEstimate): Settlement => ({
  usage: { inputTokens, outputTokens, cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 },
  cost: { nanoUsd, status: 'estimated' },
  priceVersion: null,
})

/** Whether the database did not answer. No run ends by that: it goes on when the database is there again. */
export const isDatabaseAway = (error: unknown): boolean =>
  error instanceof CausewayError && error.code === 'database-unavailable'

const toCausewayError = (thrown: unknown): CausewayError =>
  thrown instanceof CausewayError ? thrown : new CausewayError('provider-failed', String(thrown), { cause: thrown })
