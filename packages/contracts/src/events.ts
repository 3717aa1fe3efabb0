import * as z from 'zod'
import { Attachment } from './attachments.ts'
import { GuardrailFinding } from './manifests/guardrail.ts'
import { Label, TracedArgument } from './labels.ts'
import { LimitName, RunLimits, RunScope, Spent } from './limits.ts'
import { Instant } from './names.ts'
import { ErrorCode } from './errors.ts'
import { HandOff } from './hand-off.ts'
import { Question } from './questions.ts'
import { RunPlan } from './run-plan.ts'
import { EndStatus } from './statuses.ts'

/** Version of the shape of events; it grows when a field changes its meaning. */
export const eventSchemaVersion = 1

/** Why a decision came out as it did. */
export const DecisionReason = z.object({
  source: z.enum(['invariant', 'policy', 'tool']),
  id: z.string().describe('name of the rule or policy'),
  message: z.string(),
})
export type DecisionReason = z.infer<typeof DecisionReason>

/** The answer to "may this happen?", with reasons. */
export const Decision = z.object({
  answer: z.enum(['allow', 'ask', 'deny']),
  reasons: z.array(DecisionReason),
  shadow: z
    .object({ answer: z.enum(['allow', 'ask', 'deny']), reasons: z.array(DecisionReason) })
    .optional()
    .describe('what would come of it with the policies in shadow, where that is something else'),
  context: Label.optional().describe('of a call of a tool: the label of all that the model had seen'),
  arguments: z.array(TracedArgument).optional().describe('of a call of a tool: where its critical arguments come from'),
})
export type Decision = z.infer<typeof Decision>

/** Tokens of one model call. Cached and reasoning tokens are parts of input and output. */
export const TokenUsage = z.object({
  inputTokens: z.number().int(),
  outputTokens: z.number().int(),
  cachedInputTokens: z.number().int().default(0),
  cacheWriteTokens: z.number().int().default(0),
  reasoningTokens: z.number().int().default(0),
})
export type TokenUsage = z.infer<typeof TokenUsage>

/** Price of one call in nano-USD (10⁻⁹ USD). `unpriced`: the price list does not know the model. */
export const Cost = z.object({ nanoUsd: z.number().int(), status: z.enum(['exact', 'estimated', 'unpriced']) })
export type Cost = z.infer<typeof Cost>

/** A tool call as the model asked for it. `arguments` is the raw text when it is not a JSON object. */
export const RequestedToolCall = z.object({
  callId: z.string(),
  tool: z.string(),
  arguments: z.union([z.record(z.string(), z.unknown()), z.string()]),
})
export type RequestedToolCall = z.infer<typeof RequestedToolCall>

/** An error inside an event. */
export const EventError = z.object({ code: ErrorCode, message: z.string() })
export type EventError = z.infer<typeof EventError>

/** What was said in a conversation before Causeway saw it. What an assistant said counts as untrusted: nobody knows what it had read. */
export const HistoryMessage = z.strictObject({
  role: z.enum(['user', 'assistant']),
  text: z.string().max(1_000_000),
})
export type HistoryMessage = z.infer<typeof HistoryMessage>

/** A call as a person has changed it before approving it. */
export const EditedCall = z.object({
  arguments: z.record(z.string(), z.unknown()),
  binding: z.string().describe('sha256 over run, tool version and these arguments'),
})
export type EditedCall = z.infer<typeof EditedCall>

/** Whom a model call went to, and what it took. */
const modelCall = {
  route: z.string(),
  provider: z.string(),
  model: z.string(),
  rehearsal: z.boolean(),
  usage: TokenUsage,
  cost: Cost,
  durationMs: z.number(),
}

const toolCall = { callId: z.string(), tool: z.string() }

const eventData = {
  'run-created': z.object({
    agent: z.string(),
    agentVersion: z.string(),
    input: z.string(),
    attachments: z.array(Attachment).optional().describe('files that came with it'),
    limits: RunLimits,
    scope: RunScope.optional(),
    parent: z
      .object({ runId: z.string(), callId: z.string(), agent: z.string() })
      .optional()
      .describe('the run that has started this one, by calling it as a tool'),
    inherited: z
      .object({ context: Label, said: z.array(z.string()) })
      .optional()
      .describe('what the model of that run had seen, and what its user had said'),
    replay: z
      .object({
        runId: z.string(),
        sessionId: z.string(),
        model: z.string().optional(),
        instructions: z.string().optional(),
      })
      .optional()
      .describe('the run that this one repeats, and what is different; no tool is called'),
    imported: z
      .boolean()
      .optional()
      .describe('whether it was brought in from a file: what it says that a user has said, nobody here has said'),
    history: z.array(HistoryMessage).optional().describe('what was said before, as the caller tells it'),
    calls: z.array(RequestedToolCall).optional().describe('what the run carries out, where no model is asked'),
    requestedBy: z.string(),
    traceId: z.string(),
    parentSpanId: z.string().optional().describe('of the work that has asked for it, in the same trace'),
  }),
  'segment-started': z.object({ segment: z.number().int(), replica: z.string() }),
  'model-responded': z.object({
    step: z.number().int(),
    ...modelCall,
    text: z.string(),
    toolCalls: z.array(RequestedToolCall),
    finishReason: z.string(),
    attempts: z.number().int(),
    guardrails: z.array(GuardrailFinding).optional().describe('what guardrails found; absent where nothing was'),
  }),
  'context-compacted': z.object({
    step: z.number().int(),
    summary: z.string().describe('what the model is told in place of what was said before'),
    through: z.number().int().describe('the last event that it sums up'),
    cited: z.array(z.number().int()).describe('events that it names, as [12]'),
    keptTurns: z.number().int().describe('answers of the model that stay as they were, with what followed them'),
    tokensBefore: z.number().int().describe('of the conversation, as estimated'),
    ...modelCall,
  }),
  'model-failed': z.object({
    step: z.number().int(),
    route: z.string(),
    error: EventError,
    attempts: z.number().int(),
  }),
  'model-called': z
    .object({
      ...modelCall,
      requestId: z.string().describe('of the record of the call: GET /v1/model-calls/{id}'),
      provider: z.string().nullable().describe('null where none was asked'),
      model: z.string().nullable(),
      outcome: z.enum(['completed', 'failed', 'abandoned']).describe('"abandoned": the loop left before the end'),
      error: ErrorCode.optional(),
    })
    .describe('a loop that a team has written itself has called a model'),
  'tool-called': z.object({
    ...toolCall,
    toolVersion: z.string(),
    arguments: z.record(z.string(), z.unknown()),
    effectKey: z.string(),
    decision: Decision,
  }),
  'tool-denied': z.object({
    ...toolCall,
    arguments: RequestedToolCall.shape.arguments,
    error: EventError,
    decision: Decision.optional(),
  }),
  'approval-requested': z.object({
    ...toolCall,
    approvalId: z.string(),
    toolVersion: z.string(),
    arguments: z.record(z.string(), z.unknown()),
    binding: z.string().describe('sha256 over run, tool version and canonical arguments'),
    decision: Decision,
    expiresAt: Instant,
  }),
  'approval-escalated': z.object({ ...toolCall, approvalId: z.string(), expiresAt: Instant }),
  'approval-delegated': z.object({
    ...toolCall,
    approvalId: z.string(),
    to: z.string(),
    by: z.string(),
    comment: z.string().nullable(),
  }),
  'approval-decided': z.object({
    ...toolCall,
    approvalId: z.string(),
    outcome: z.enum(['approved', 'denied', 'expired']),
    decidedBy: z.string().nullable(),
    comment: z.string().nullable(),
    edited: EditedCall.optional().describe('what was approved, where that is something else than what was asked'),
  }),
  'tool-responded': z.object({
    ...toolCall,
    outcome: z.enum(['completed', 'failed', 'unknown']),
    output: z.unknown().optional(),
    error: EventError.optional(),
    spent: Spent.optional().describe('by the run that the call has started'),
    label: Label.optional().describe('of all that it says; untrusted where there is none'),
    parts: z
      .array(
        z.object({
          pointer: z.string(),
          label: Label,
          modelMade: z
            .boolean()
            .optional()
            .describe('whether a model has worded it, so that nothing in it counts as said'),
        }),
      )
      .optional()
      .describe('parts of the output with another label'),
    content: z
      .array(z.record(z.string(), z.unknown()))
      .optional()
      .describe('all that it has answered, as content of MCP, where that is more than words'),
    handle: z
      .object({ name: z.string(), told: z.string().describe('what the model is told in place of the output') })
      .optional(),
    guardrails: z.array(GuardrailFinding).optional().describe('what guardrails found; absent where nothing was'),
    durationMs: z.number(),
    attempts: z.number().int(),
    ageSeconds: z.number().optional().describe('how old the answer is, where it was kept from an earlier call'),
  }),
  'tool-accepted': z.object({
    ...toolCall,
    reference: z.string().nullable().describe('what is asked for the result; null where the tool sends it by itself'),
    checkAt: Instant.nullable().describe('when it is asked next'),
    until: Instant.describe('how long it is waited for'),
  }),
  'question-asked': z.object({ ...toolCall, ...Question.shape }),
  'question-answered': z.object({ ...toolCall, answer: z.string(), answeredBy: z.string() }),
  'plan-made': z.object({
    ...toolCall,
    ...RunPlan.shape,
    mustAsk: z.boolean().describe('whether a person must accept it before it is carried out'),
  }),
  'handed-off': z.object({ ...toolCall, from: z.string(), ...HandOff.shape, agentVersion: z.string() }),
  'output-rejected': z.object({ step: z.number().int(), problem: z.string() }),
  'answer-evaluated': z.object({
    step: z.number().int(),
    accepted: z.boolean(),
    feedback: z.string().describe('what must be better'),
    ...modelCall,
  }),
  'child-started': z.object({ ...toolCall, agent: z.string(), runId: z.string(), sessionId: z.string() }),
  'note-added': z.object({ text: z.string(), by: z.string() }),
  'cancel-requested': z.object({ requestedBy: z.string() }),
  'run-ended': z.object({
    status: EndStatus,
    reason: z.string().describe('completed, cancelled, an error code, or limit-<name>'),
    limit: LimitName.optional(),
    message: z.string().optional(),
    output: z.string().nullable(),
    spent: Spent,
  }),
} as const

/** The kinds of events. */
export type EventType = keyof typeof eventData
export const EventType = z.enum(Object.keys(eventData) as [EventType])

/** What an event of one type carries. */
export type EventData<Type extends EventType> = z.infer<(typeof eventData)[Type]>

/** An event before it is appended: type and data. */
export type NewEvent = { [Type in EventType]: { type: Type; data: EventData<Type> } }[EventType]

const envelope = {
  sequence: z.number().int().describe('place in the log of the session, from 1, without gaps'),
  sessionId: z.string(),
  runId: z.string(),
  at: Instant,
  schemaVersion: z.number().int(),
}

const eventOf = <Type extends EventType>(type: Type) =>
  z.object({ ...envelope, type: z.literal(type), data: eventData[type] })

/** One event in the append-only log of a session. The log is the only state of a run. */
export const SessionEvent = z.discriminatedUnion('type', [
  eventOf('run-created'),
  eventOf('segment-started'),
  eventOf('model-responded'),
  eventOf('context-compacted'),
  eventOf('model-failed'),
  eventOf('model-called'),
  eventOf('tool-called'),
  eventOf('tool-denied'),
  eventOf('approval-requested'),
  eventOf('approval-escalated'),
  eventOf('approval-delegated'),
  eventOf('note-added'),
  eventOf('approval-decided'),
  eventOf('tool-responded'),
  eventOf('question-asked'),
  eventOf('question-answered'),
  eventOf('plan-made'),
  eventOf('handed-off'),
  eventOf('output-rejected'),
  eventOf('answer-evaluated'),
  eventOf('tool-accepted'),
  eventOf('child-started'),
  eventOf('cancel-requested'),
  eventOf('run-ended'),
])
export type SessionEvent = z.infer<typeof SessionEvent>

/** What is streamed between two events and never stored: the model has begun, a piece of its text, or how far a tool is. */
export const LiveFrame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('model-started'), runId: z.string(), step: z.number().int(), route: z.string() }),
  z.object({ type: z.literal('text-delta'), runId: z.string(), step: z.number().int(), text: z.string() }),
  z.object({
    type: z.literal('tool-progress'),
    runId: z.string(),
    step: z.number().int(),
    callId: z.string(),
    tool: z.string(),
    progress: z.number(),
    total: z.number().optional().describe('what progress is when the tool is done, where it says so'),
  }),
])
export type LiveFrame = z.infer<typeof LiveFrame>
