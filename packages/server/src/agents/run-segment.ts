import { CausewayError, type AgentSpec } from '@causeway/contracts'
import * as z from 'zod'
import type { Scope } from '../database/index.ts'
import type { Delivery } from '../jobs/index.ts'
import { compact } from './compact.ts'
import { isTooLong } from './context.ts'
import { evaluate } from './evaluate.ts'
import { FencedError } from './event-log-store.ts'
import type { RepeatedCall, RunState } from './fold-session.ts'
import { reachedLimit } from './reached-limit.ts'
import { readWholeSession } from './read-session.ts'
import { Recording } from './replay-run.ts'
import { readFinalOutput } from './final-output.ts'
import { modelStep } from './model-step.ts'
import { waitFor } from './wait-for.ts'
import { resumeIfWaiting } from './resume-if-waiting.ts'
import { claimRun } from './run-store.ts'
import {
  type Ending,
  endRun,
  flush,
  limited,
  note,
  openCalls,
  type OpenRun,
  openRun,
  type Segment,
  type SegmentDependencies,
  workedSeconds,
} from './segment.ts'
import { SegmentStopped, watchForStop } from './stop-signal.ts'
import { yieldPlace } from './yield-place.ts'
import { type ApprovalNeed, type NextOfCall, toolStep } from './tool-step.ts'

const SegmentJob = z.object({
  runId: z.string(),
  wake: z
    .object({ organisationId: z.string(), environmentId: z.string() })
    .optional()
    .describe('whose it is, where it is only to go on if it still waits'),
})

/**
 * Works on a run until it ends, waits for a person, or has had its turn. The job may be delivered again after a crash: the claim raises the fence, so that
 * only the newest worker appends, and the work goes on from what the log says.
 */
export async function runSegment(
  dependencies: SegmentDependencies,
  { data, stopping, signal: shutdown }: Delivery,
): Promise<void> {
  const { runId, wake } = SegmentJob.parse(data)
  if (wake) return wakeUp(dependencies, wake, runId)
  const run = await claimRun(dependencies.database.kysely, runId)
  if (!run) return
  await using stop = watchForStop(dependencies, run, shutdown)
  const open = await openRun(dependencies, run)
  const { agent: name, agentVersion } = open.run
  const agent = await dependencies.manifests.version(run.scope, 'Agent', name, agentVersion)
  if (!agent) throw new CausewayError('internal', `The version ${agentVersion} of the agent ${name} is gone.`)
  const segment: Segment = { ...open, ...(await workOf(open, agent.spec)), stopping, signal: stop.signal }
  try {
    note(segment, {
      events: [{ type: 'segment-started', data: { segment: run.fence, replica: dependencies.replica } }],
    })
    await work(segment)
  } catch (error) {
    if (error instanceof FencedError) return
    if (error instanceof SegmentStopped) return onStop(segment, error)
    return giveUp(segment, error)
  }
}

/** What the run works with: a replay with something else than its agent, and with answers in place of tools. */
async function workOf(
  { dependencies, run, fold }: OpenRun,
  spec: AgentSpec,
): Promise<Pick<Segment, 'agent' | 'recording'>> {
  const { replay } = fold.state().created
  if (!replay) return { agent: spec }
  const { runId, sessionId, model = spec.model, instructions = spec.instructions } = replay
  const { kysely } = dependencies.database
  const recording = new Recording(await readWholeSession(kysely, run.scope, sessionId), runId)
  recording.goOnAfter(await readWholeSession(kysely, run.scope, run.sessionId), run.id)
  return { agent: { ...spec, model, instructions }, recording }
}

/** Ends a run whose job was given up: every delivery failed, or killed the replica that had it. */
export async function endAbandonedRun(dependencies: SegmentDependencies, { data }: Delivery): Promise<void> {
  const run = await claimRun(dependencies.database.kysely, SegmentJob.parse(data).runId)
  if (!run) return
  const open = await openRun(dependencies, run)
  await endRun(open, open.fold.state(), {
    status: 'failed',
    reason: 'internal',
    message: 'The run failed too often inside Causeway; the log of the platform says why.',
  })
}

/** A run that has waited long enough stands in the queue again. Who died before that is done does it again. */
const wakeUp = (dependencies: SegmentDependencies, scope: Scope, runId: string): Promise<void> =>
  dependencies.database.transaction(transaction => resumeIfWaiting(transaction, dependencies, scope, runId))

/** Leaves the run to the next delivery of the job, with what is known recorded if that can be done. */
async function giveUp(segment: Segment, error: unknown): Promise<never> {
  await flush(segment).catch(() => undefined)
  throw error
}

/** Model calls after which a run lets others have its place. */
const stepsAtOnce = 100

async function work(segment: Segment): Promise<void> {
  const begunAt = segment.fold.state().spent.steps
  for (;;) {
    const state = segment.fold.state()
    const calls = openCalls(state)
    if (calls.length > 0) {
      if (await toolSteps(segment, state)) continue
      return
    }
    if (state.actor && state.actor.agent !== segment.run.agent) return yieldPlace(segment)
    if (state.created.calls)
      return endRun(segment, state, { status: 'succeeded', reason: 'completed', output: toldOf(state) })
    if (state.answered && state.calls.length === 0) {
      const read = segment.agent.output && readFinalOutput(segment.agent.output, state.text)
      if (read?.problem === undefined) {
        const output = read?.text ?? state.text
        const judged = !segment.agent.evaluation || state.verdicts.at(-1)?.accepted
        if (judged) return endRun(segment, state, { status: 'succeeded', reason: 'completed', output })
        segment.signal.throwIfAborted()
        if (!(await evaluate(segment, state, output))) return
        continue
      }
      if (state.rejections >= rejectionsAtMost) return endRun(segment, state, withoutOutput(read.problem))
      note(segment, { events: [{ type: 'output-rejected', data: { step: state.spent.steps, problem: read.problem } }] })
      continue
    }
    const refused = notAccepted(segment, state)
    if (refused) return endRun(segment, state, refused)
    if (state.mostRepeated && state.mostRepeated.times >= repeatsAtMost)
      return endRun(segment, state, withoutProgress(state.mostRepeated))
    segment.signal.throwIfAborted()
    // Between two steps nothing is under way: another replica goes on here without a doubt about any call.
    if (segment.stopping.aborted || state.spent.steps - begunAt >= stepsAtOnce) return yieldPlace(segment)
    if (isTooLong(segment.agent, state)) {
      if (!(await compact(segment, state))) return
      continue
    }
    if (!(await modelStep(segment, state))) return
  }
}

/** How a run ends whose answer was judged as often as may be. */
function notAccepted({ agent: { evaluation } }: Segment, { verdicts, text }: RunState): Ending | undefined {
  const last = verdicts.at(-1)
  if (!evaluation || last?.accepted !== false || verdicts.length < evaluation.rounds) return undefined
  const message = `The answer was not accepted: ${last.feedback}`.slice(0, 2000)
  return { status: 'failed', reason: 'not-accepted', output: text, message }
}

/** How often a model is told that its final answer does not match. */
const rejectionsAtMost = 2

const withoutOutput = (problem: string): Ending => ({
  status: 'failed',
  reason: 'invalid-output',
  message: `The final answer does not match the output of the agent: ${problem}`,
})

/** How often a run may make the same call and be told the same. More than a patient person would, and few enough to end a loop early. */
const repeatsAtMost = 15

const withoutProgress = ({ tool, arguments: values, told, times }: RepeatedCall): Ending => ({
  status: 'limited',
  reason: 'no-progress',
  message: `${tool} was called ${times} times with ${brief(values)} and always answered ${brief(told)}.`,
})

const brief = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 300)

/** What tools have said to the calls that a run was made for, as a model would be told it. */
const toldOf = ({ calls }: RunState): string => calls.map(({ told = '' }) => told).join('\n\n')

/** Calls that are made at the same time, at the most. */
const callsAtOnce = 8

/**
 * Decides on each open call in the order in which the model asked, then makes them at the same time.
 * @returns whether the run goes on; false when it waits or has ended
 */
async function toolSteps(segment: Segment, state: RunState): Promise<boolean> {
  const needs: ApprovalNeed[] = []
  const questions: NonNullable<NextOfCall['question']>[] = []
  const waiting: NonNullable<NextOfCall['waits']>[] = []
  const executions: (() => Promise<void>)[] = []
  let spent = state.spent
  for (const call of openCalls(state)) {
    segment.signal.throwIfAborted()
    const limit = !call.called && reachedLimit({ ...state, spent }, 'tool')
    if (limit) {
      await endRun(segment, { spent }, limited(limit))
      return false
    }
    const { need, question, execute, waits } = await toolStep(segment, call)
    if (need) needs.push(need)
    if (question) questions.push(question)
    if (waits) waiting.push(waits)
    if (!need && !question && waits !== 'person' && !call.called) spent = { ...spent, toolCalls: spent.toolCalls + 1 }
    if (execute) executions.push(execute)
  }
  await flush(segment)
  await allOf(executions, segment)
  if (needs.length + questions.length + waiting.length === 0) return true
  const children = waiting.flatMap(each => (typeof each === 'object' && 'childId' in each ? [each.childId] : []))
  const instants = waiting.flatMap(each => (typeof each === 'object' && 'until' in each ? [each.until.getTime()] : []))
  await waitFor(segment, {
    needs,
    questions,
    children,
    until: instants.length > 0 ? new Date(Math.min(...instants)) : undefined,
  })
  return false
}

/** Makes calls at the same time. The result of each is recorded when it is there, and none is left alone when another fails. */
async function allOf(executions: readonly (() => Promise<void>)[], segment: Segment): Promise<void> {
  const atOnce = segment.agent.parallelToolCalls === false ? 1 : callsAtOnce
  const rest = [...executions]
  const worker = async (): Promise<void> => {
    for (let execute = rest.shift(); execute; execute = rest.shift()) {
      try {
        segment.signal.throwIfAborted()
        await execute()
        if (executions.length > 1) await flush(segment)
      } catch (error) {
        // Nothing more begins where something is wrong.
        rest.length = 0
        throw error
      }
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: Math.min(atOnce, executions.length) }, worker))
  const failed = ended.find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}

async function onStop(segment: Segment, { reason }: SegmentStopped): Promise<void> {
  switch (reason) {
    case 'shutdown':
      // The job is not done: the queue hands it to the next worker, which goes on from the log.
      return giveUp(segment, new CausewayError('shutting-down', 'The replica stops; another one goes on with the run.'))
    case 'cancelled':
      return endRun(segment, segment.fold.state(), { status: 'cancelled', reason: 'cancelled' })
    case 'key-revoked':
      return endRun(segment, segment.fold.state(), {
        status: 'cancelled',
        reason: 'key-revoked',
        message: 'The API key that started the run was revoked.',
      })
    case 'seconds':
      return endRun(segment, segment.fold.state(), {
        ...limited('seconds'),
        message: `The run has worked for ${workedSeconds(segment).toFixed(1)} s.`,
      })
  }
}
