import * as z from 'zod'
import { NewAttachment } from '../attachments.ts'
import { HistoryMessage, RequestedToolCall } from '../events.ts'
import { RunPriority, RunStatus } from '../statuses.ts'
import { LimitName, RunLimits, RunScope, Spent } from '../limits.ts'
import { Instant, Name } from '../names.ts'
import { pageOf, PageQuery } from '../paging.ts'

/** One durable execution of an agent. */
export const Run = z.object({
  id: z.string(),
  sessionId: z.string(),
  parentRunId: z.string().nullable().describe('the run that has started this one'),
  replayOf: z.string().nullable().describe('the run that it repeats without calling tools'),
  environment: z.string(),
  agent: z.string(),
  agentVersion: z.string(),
  status: RunStatus,
  priority: RunPriority,
  input: z.string(),
  output: z.string().nullable(),
  reason: z.string().nullable().describe('why the run ended: completed, cancelled, an error code, or limit-<name>'),
  message: z.string().nullable(),
  limit: LimitName.nullable(),
  limits: RunLimits,
  spent: Spent.describe('with what the runs that it started have spent'),
  rehearsal: z.boolean().describe('whether a scripted model answered'),
  requestedBy: z.string(),
  traceId: z.string(),
  createdAt: Instant,
  updatedAt: Instant,
  endedAt: Instant.nullable(),
})
export type Run = z.infer<typeof Run>

/** A call of a tool that somebody else than a model asks for. */
export const GivenCall = z.strictObject({
  tool: z.string().min(1).max(63),
  arguments: z.record(z.string(), z.unknown()),
})
export type GivenCall = z.infer<typeof GivenCall>

/** Request to start a run. With `stream` the answer is a stream of events; with `wait` it is the run when it has ended or waits for a person. */
export const CreateRun = z
  .strictObject({
    agent: z.string().min(1).max(63),
    input: z.string().max(1_000_000).default('').describe('what the user says; needed unless there are calls'),
    calls: z
      .array(GivenCall)
      .min(1)
      .max(16)
      .optional()
      .describe(
        "calls of the agent's tools that are decided on and carried out as if its model had asked for them; no model is called",
      ),
    attachments: z
      .array(NewAttachment)
      .max(10)
      .optional()
      .describe('files that the user hands over with what they say, 10 MiB together'),
    history: z
      .array(HistoryMessage)
      .max(1000)
      .optional()
      .describe('what was said before, in a conversation that begins elsewhere; only for a new session'),
    sessionId: z.string().max(100).optional().describe('continue this conversation'),
    limits: RunLimits.partial().optional().describe('tighten the limits of the agent; they cannot be raised'),
    scope: RunScope.optional(),
    priority: RunPriority.default('interactive').describe(
      'which runs are worked on first where there are more than places',
    ),
    wait: z.boolean().default(false),
    stream: z.boolean().default(false),
  })
  .refine(({ input, calls }) => input !== '' || calls !== undefined, {
    path: ['input'],
    message: 'expected what the user says, or calls',
  })
  .refine(({ attachments, input }) => attachments === undefined || input !== '', {
    path: ['input'],
    message: 'expected what the user says of the attachments',
  })
  .refine(({ history, sessionId }) => history === undefined || sessionId === undefined, {
    path: ['history'],
    message: 'expected nothing: the session has its own',
  })
export type CreateRun = z.input<typeof CreateRun>

/** A note of a person for those who look at the run. No model is told. */
export const AddNote = z.strictObject({ text: z.string().min(1).max(10_000) })
export type AddNote = z.infer<typeof AddNote>

/** What the user says to a question of a run. */
export const AnswerRun = z.strictObject({
  answer: z.string().min(1).max(100_000),
  callId: z.string().max(200).optional().describe('which question, where there are several'),
})
export type AnswerRun = z.infer<typeof AnswerRun>

/** What a tool sends that has taken a call and answers later. */
export const ToolCallback = z.union(
  [
    z.strictObject({ output: z.unknown() }).refine(({ output }) => output !== undefined),
    z.strictObject({ error: z.strictObject({ message: z.string().min(1).max(2000) }) }),
  ],
  'expected {"output": …} or {"error": {"message": "…"}} and nothing else',
)
export type ToolCallback = z.infer<typeof ToolCallback>

/** Request to repeat a run that has ended: with its input, and with the answers that its tools gave then. */
export const ReplayRun = z.strictObject({
  agentVersion: z
    .string()
    .max(64)
    .optional()
    .describe('another version of the agent, or "active" for the one in force'),
  model: Name.optional().describe('name of another Route'),
  instructions: z.string().min(1).max(100_000).optional().describe('in place of those of the agent'),
})
export type ReplayRun = z.infer<typeof ReplayRun>

/** The first place in which a replay does something else. */
export const Divergence = z.object({
  step: z.number().int().describe('of the model, from 1'),
  what: z.enum(['calls', 'end']).describe('what the model asked for and what became of it, or how the run ended'),
  original: z.unknown(),
  replay: z.unknown(),
})
export type Divergence = z.infer<typeof Divergence>

/** A replay beside the run that it repeats. */
export const ReplayComparison = z.object({
  original: z.string(),
  replay: z.string(),
  divergence: Divergence.nullable().describe('null where both did the same'),
})
export type ReplayComparison = z.infer<typeof ReplayComparison>

/** What a model was sent at one step of a run. */
export const RunContext = z.object({
  step: z.number().int(),
  tokens: z.number().int().describe('of the messages, as estimated'),
  instructions: z.string(),
  tools: z.array(z.string()),
  messages: z.array(
    z.object({
      role: z.enum(['system', 'user', 'assistant', 'tool']),
      text: z.string(),
      toolCalls: z.array(RequestedToolCall).optional(),
      callId: z.string().optional().describe('of a result: the call that it answers'),
      tool: z.string().optional(),
    }),
  ),
})
export type RunContext = z.infer<typeof RunContext>

/** Filters of the list of runs, newest first. */
export const RunQuery = PageQuery.extend({
  agent: z.string().max(63).optional(),
  status: RunStatus.optional(),
  priority: RunPriority.optional(),
  sessionId: z.string().max(100).optional(),
  parentRunId: z.string().max(100).optional(),
  createdAfter: Instant.optional(),
  createdBefore: Instant.optional(),
})
export type RunQuery = z.input<typeof RunQuery>

/** One page of runs. */
export const RunPage = pageOf(Run)
