import {
  CausewayError,
  type Decision,
  type EventData,
  type EventError,
  type ManifestOf,
  type RequestedToolCall,
} from '@causeway/contracts'
import type { Carried } from '../database/index.ts'
import type { Looked } from '../guardrails/index.ts'
import { isRepeatable, type ToolCall } from '../tools/index.ts'
import { resolveHandles, type ResolvedArguments } from './handles.ts'
import { bindingOf, readArguments } from './call-arguments.ts'
import { auditOfDecision, auditOfOutcome, type DecidedCall } from './audit-of-call.ts'
import { acceptance, answersByCallback, cameTooLate, standingOf } from './accepted-call.ts'
import { endedChild, startChild, type EndedChild } from './child-run.ts'
import { isDatabaseAway } from './model-step.ts'
import { claimOperation, operationOf, ownKey, type Operation } from './named-effect.ts'
import { ownTool } from './own-tools.ts'
import type { Recording } from './replay-run.ts'
import { effectState, markExecuting } from './effect-store.ts'
import { FencedError } from './event-log-store.ts'
import { callIdentity, type CallState } from './fold-session.ts'
import { flowOf } from './call-flow.ts'
import { circumstancesOf, note, type Segment } from './segment.ts'
import { seenBefore } from './seen-before.ts'
import { spanOfToolCall } from './spans.ts'
import { toolOf, type ToolVersion as Tool } from './tool-of.ts'
import { effectOf, recordOfResult, saidBy, type FinalResult } from './tool-result.ts'

type Arguments = Record<string, unknown>

/** A call that a person must decide on before it is made. */
export interface ApprovalNeed {
  call: RequestedToolCall
  tool: Tool
  arguments: Arguments
  decision: Decision
}

/** How a call goes on: a person must decide, or it is made. Neither where it is settled. */
export interface NextOfCall {
  need?: ApprovalNeed
  /** What the user must answer. */
  question?: EventData<'question-asked'>
  /** Makes the call and notes its result. What was noted before it must be in the log. */
  execute?: () => Promise<void>
  /** What it waits for: a run that it has started, a tool that answers later, or a person who was asked before. */
  waits?: { childId: string } | { until: Date } | 'person'
}

/** Takes one tool call up to the point where something leaves: validate, decide, note. */
export async function toolStep(segment: Segment, state: CallState): Promise<NextOfCall> {
  const { call } = state
  if (state.called) return resume(segment, state, state.called)
  if ((state.approval && !state.decided) || state.question) return { waits: 'person' }
  const own = await ownTool(segment, call)
  if (own) return 'refused' in own ? deny(segment, call, own.refused) : own
  const tool = await toolOf(segment, call.tool)
  if (!tool || !segment.agent.tools.includes(call.tool))
    return deny(segment, call, { code: 'not-found', message: `There is no tool ${call.tool} here.` })
  if (typeof call.arguments === 'string')
    return deny(segment, call, { code: 'invalid-tool-arguments', message: 'The arguments are not a JSON object.' })
  const read = argumentsOf(segment, tool, call.arguments, editedBy(state))
  if (read instanceof CausewayError)
    return deny(segment, call, { code: 'invalid-tool-arguments', message: read.message })
  const { values } = read

  const operation = await operationOf(segment, tool, values, call.callId)
  if (operation?.refused) return deny(segment, call, operation.refused)
  const decision = await decideOn(segment, tool, read, operation)
  const decided = { tool, arguments: values, decision }
  if (decision.answer === 'deny') return deny(segment, call, deniedBy(decision), decided)
  if (segment.recording) return replayCall(segment, segment.recording, { call, tool, arguments: values, decision })
  if (decision.answer === 'ask') {
    const answered = approvalOf(segment, state, tool, values)
    if (answered === 'needed') return { need: { call, tool, arguments: values, decision } }
    if (answered !== 'approved') return deny(segment, call, answered, decided)
  }
  return carryOut(segment, call, { tool, arguments: values, decision }, operation)
}

/** What a call is made with: what handles stand for, in one form, and the labels of what the model has not read of it. */
function argumentsOf(
  { fold }: Segment,
  { manifest: { spec } }: Tool,
  asked: Arguments,
  edited: Arguments | undefined,
): ResolvedArguments | CausewayError {
  try {
    const { values, labels } = resolveHandles(asked, fold.state().kept)
    const read = readArguments(spec, edited ?? values)
    return read instanceof CausewayError ? read : { values: read, labels }
  } catch (error) {
    if (error instanceof CausewayError) return error
    throw error
  }
}

async function decideOn(
  segment: Segment,
  tool: Tool,
  { values, labels }: ResolvedArguments,
  operation: Operation | undefined,
): Promise<Decision> {
  const { dependencies, run, agent, fold } = segment
  return dependencies.policy.decide(run.scope, {
    action: 'call-tool',
    agent: { name: run.agent, tools: agent.tools },
    tool: tool.manifest,
    toolVersion: tool.version,
    arguments: values,
    outcomeUnknown:
      operation?.outcomeUnknown ?? fold.state().unknownOutcomes.has(callIdentity(tool.manifest.name, values)),
    flow: await flowOf(segment, tool.manifest, values, labels),
    circumstances: circumstancesOf(segment),
  })
}

/** What a person has changed the arguments to, who approved that. */
const editedBy = ({ decided }: CallState): Arguments | undefined =>
  decided?.outcome === 'approved' ? decided.edited?.arguments : undefined

const deniedBy = ({ reasons }: Decision): EventError => ({
  code: 'policy-denied',
  message: reasons.map(({ message }) => message).join(' '),
})

/** What people have said of the call. An answer to other arguments or another tool version does not count. */
function approvalOf(
  { run }: Segment,
  { approval, decided }: CallState,
  tool: Tool,
  values: Arguments,
): 'needed' | 'approved' | EventError {
  if (!approval || !decided) return 'needed'
  if (decided.outcome !== 'approved') {
    const comment = decided.comment ? ` Comment: ${decided.comment}` : ''
    return { code: 'policy-denied', message: `The approval was ${decided.outcome}.${comment}` }
  }
  const binding = decided.edited?.binding ?? approval.binding
  return binding === bindingOf(run.id, tool.version, values) ? 'approved' : 'needed'
}

async function deny(
  segment: Segment,
  { callId, tool, arguments: values }: RequestedToolCall,
  error: EventError,
  decided?: Omit<ApprovalNeed, 'call'>,
): Promise<NextOfCall> {
  const decision = decided && { decision: decided.decision }
  note(segment, {
    events: [{ type: 'tool-denied', data: { callId, tool, arguments: values, error, ...decision } }],
    carried: decided
      ? [
          auditAlong(
            segment,
            { callId, tool, toolVersion: decided.tool.version, arguments: decided.arguments },
            decided.decision,
          ),
        ]
      : [],
  })
  return {}
}

async function carryOut(
  segment: Segment,
  call: RequestedToolCall,
  { tool, arguments: values, decision }: Omit<ApprovalNeed, 'call'>,
  operation: Operation | undefined,
): Promise<NextOfCall> {
  const { run } = segment
  const { callId } = call
  const taken = operation && (await claimOperation(segment, tool, values, callId, operation))
  if (taken) return deny(segment, call, taken)
  const called: EventData<'tool-called'> = {
    callId,
    tool: tool.manifest.name,
    toolVersion: tool.version,
    arguments: values,
    effectKey: operation?.key ?? ownKey(run, tool, values, callId),
    decision,
  }
  const { spec } = tool.manifest
  const isAgent = spec.implementation.type === 'agent'
  const state = isAgent ? 'executing' : 'intended'
  note(segment, {
    events: [{ type: 'tool-called', data: called }],
    progress: { toolCalls: 1 },
    effect: effectOf(called, spec, state, 0),
    carried: [auditAlong(segment, called, decision)],
  })
  if (isAgent) return callAgent(segment, called, tool.manifest)
  return { execute: () => execute(segment, called, tool, { mark: spec.effect !== 'read' }) }
}

/** Where a call stands before it is made: whether the ledger must be told that it begins, and what became of it before. */
interface CallStart {
  mark: boolean
  before?: ToolCall['before']
  /** What was recorded when the tool took it. */
  accepted?: EventData<'tool-accepted'>
}

async function execute(
  segment: Segment,
  called: EventData<'tool-called'>,
  tool: Tool,
  { mark, before, accepted }: CallStart,
): Promise<void> {
  const { dependencies, run, signal } = segment
  const { kysely } = dependencies.database
  const effect = { key: called.effectKey, runId: run.id, fence: run.fence }
  if (mark && !(await markExecuting(kysely, run.scope, effect))) throw new FencedError(run.id)
  // Nothing that can fail may stand between the call and the note of its result.
  const { result: watches } = await dependencies.guardrails.inForce(run.scope)
  const startedAt = new Date()
  const result = await dependencies.executeTool(
    {
      scope: run.scope,
      runId: run.id,
      callId: called.callId,
      tool: called.tool,
      spec: tool.manifest.spec,
      arguments: called.arguments,
      onBehalfOf: { agent: run.agent, user: run.requestedBy },
      effectKey: called.effectKey,
      seen: seenBefore(segment, called),
      ...(answersByCallback(tool.manifest.spec) && {
        callbackUrl: dependencies.callbacks.urlFor({ scope: run.scope, runId: run.id, callId: called.callId }),
      }),
      ...(before && { before }),
      onProgress: progress => {
        const { steps } = segment.fold.state().spent
        const { callId, tool: name } = called
        dependencies.live.send({ type: 'tool-progress', runId: run.id, step: steps, callId, tool: name, ...progress })
      },
    },
    signal,
  )
  spanOfToolCall(segment, { called, startedAt, result })
  if (result.outcome === 'accepted') {
    const data = acceptance(called, tool.manifest.spec, result.accepted, accepted)
    return note(segment, { events: [{ type: 'tool-accepted', data }] })
  }
  if (signal.aborted && result.outcome !== 'completed' && isRepeatable({ spec: tool.manifest.spec }))
    signal.throwIfAborted()
  settle(
    segment,
    called,
    tool.manifest.spec,
    result,
    await dependencies.guardrails.look(run.scope, watches, saidBy(result)),
  )
}

/** The run was interrupted in the middle of the call. It is made again only if that cannot cause a second effect. */
async function resume(
  segment: Segment,
  { child, accepted }: CallState,
  called: EventData<'tool-called'>,
): Promise<NextOfCall> {
  const { dependencies, run } = segment
  const manifest = await dependencies.manifests.version(run.scope, 'Tool', called.tool, called.toolVersion)
  if (!manifest)
    throw new CausewayError('internal', `The version ${called.toolVersion} of the tool ${called.tool} is gone.`)
  if (manifest.spec.implementation.type === 'agent') return callAgent(segment, called, manifest, child)
  const tool = { version: called.toolVersion, manifest }
  if (accepted) return resumeAccepted(segment, called, tool, accepted)
  const state = await effectState(dependencies.database.kysely, run.scope, called.effectKey)
  if (state === 'intended' || isRepeatable({ spec: manifest.spec }))
    return { execute: () => execute(segment, called, tool, { mark: state === 'intended' }) }
  return { execute: () => execute(segment, called, tool, { mark: false, before: 'interrupted' }) }
}

/** The tool has taken the call and answers later. */
async function resumeAccepted(
  segment: Segment,
  called: EventData<'tool-called'>,
  tool: Tool,
  accepted: EventData<'tool-accepted'>,
): Promise<NextOfCall> {
  const standing = standingOf(accepted)
  if (standing.next === 'wait') return { waits: { until: standing.until } }
  if (standing.next === 'over') {
    settle(segment, called, tool.manifest.spec, cameTooLate(called, tool.manifest.spec), { watches: [] })
    return {}
  }
  const before = { accepted: standing.reference }
  return { execute: () => execute(segment, called, tool, { mark: false, before, accepted }) }
}

/** Answers a call as it was answered in the run that is repeated. Nobody is asked, since nothing happens. */
async function replayCall(
  segment: Segment,
  recording: Recording,
  { call: { callId }, tool, arguments: values, decision }: ApprovalNeed,
): Promise<NextOfCall> {
  const { name } = tool.manifest
  const recorded = recording.take(name, values)
  if (recorded?.type === 'tool-denied') {
    const { error } = recorded.data
    const data = { callId, tool: name, arguments: values, error, decision }
    note(segment, { events: [{ type: 'tool-denied', data }] })
    return {}
  }
  const missing: EventError = {
    code: 'not-recorded',
    message: `${name} was not called like this in the run that is repeated.`,
  }
  const responded: EventData<'tool-responded'> =
    recorded?.type === 'tool-responded'
      ? { ...recorded.data, callId }
      : { callId, tool: name, outcome: 'failed', error: missing, durationMs: 0, attempts: 0 }
  const called = { callId, tool: name, toolVersion: tool.version, arguments: values, effectKey: '', decision }
  note(segment, {
    events: [
      { type: 'tool-called', data: called },
      { type: 'tool-responded', data: responded },
    ],
    progress: { toolCalls: 1 },
  })
  return {}
}

/** Starts the run of an agent, or settles the call by how that run has ended. */
async function callAgent(
  segment: Segment,
  called: EventData<'tool-called'>,
  manifest: ManifestOf<'Tool'>,
  child?: EventData<'child-started'>,
): Promise<NextOfCall> {
  try {
    const started = child ?? (await startChild(segment, called, manifest))
    const ended = child && (await endedChild(segment, child))
    if (!ended) return { waits: { childId: started.runId } }
    settleByChild(segment, called, manifest, ended)
  } catch (error) {
    if (!(error instanceof CausewayError) || isDatabaseAway(error)) throw error
    const { code, message } = error
    settle(
      segment,
      called,
      manifest.spec,
      { outcome: 'failed', error: { code, message }, attempts: 1, durationMs: 0 },
      { watches: [] },
    )
  }
  return {}
}

function settleByChild(
  segment: Segment,
  called: EventData<'tool-called'>,
  { spec }: ManifestOf<'Tool'>,
  { run, output, label }: EndedChild,
): void {
  const { status, reason, message, spent } = run
  const outcome = status === 'succeeded' ? 'completed' : 'failed'
  const why = `The agent ${run.agent} ended as ${status}: ${message ?? reason ?? 'no reason'}`
  const data: EventData<'tool-responded'> = {
    callId: called.callId,
    tool: called.tool,
    outcome,
    ...(outcome === 'completed' ? { output } : { error: { code: 'tool-failed', message: why } }),
    // What it says may come from all that it has seen.
    label: { ...label, origins: [...new Set([called.tool, ...label.origins])] },
    spent,
    durationMs: Date.parse(run.endedAt ?? run.updatedAt) - Date.parse(run.createdAt),
    attempts: 1,
  }
  const { steps, toolCalls, inputTokens, outputTokens, nanoUsd } = spent
  note(segment, {
    events: [{ type: 'tool-responded', data }],
    progress: { steps, toolCalls, inputTokens, outputTokens, nanoUsd },
    effect: effectOf(called, spec, outcome, 1),
  })
  segment.dependencies.audited.add(auditOfOutcome(segment.run, called, data))
}

function settle(
  segment: Segment,
  called: EventData<'tool-called'>,
  spec: Tool['manifest']['spec'],
  result: FinalResult,
  looked: Looked,
): void {
  const { event, effect } = recordOfResult(called, spec, result, looked)
  segment.dependencies.telemetry.metrics.observeFindings(event.data.guardrails)
  note(segment, { events: [event], effect })
  segment.dependencies.audited.add(auditOfOutcome(segment.run, called, event.data))
}

const auditAlong = ({ dependencies, run }: Segment, call: DecidedCall, decision: Decision): Carried =>
  dependencies.audit.along(auditOfDecision(run, call, decision))
