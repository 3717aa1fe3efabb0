import * as z from 'zod'
import { EndStatus } from '../events.ts'
import { LimitName, RunLimits, RunScope, Spent } from '../limits.ts'
import { Instant } from '../names.ts'
import { pageOf, PageQuery } from '../paging.ts'

/** Where a run is in its life. */
export const RunStatus = z.enum(['queued', 'running', 'waiting', ...EndStatus.options])
export type RunStatus = z.infer<typeof RunStatus>

/** Whether a run of this status has ended. */
export const hasEnded = (status: RunStatus): status is EndStatus => EndStatus.options.some(end => end === status)

/** One durable execution of an agent. */
export const Run = z.object({
  id: z.string(),
  sessionId: z.string(),
  environment: z.string(),
  agent: z.string(),
  agentVersion: z.string(),
  status: RunStatus,
  input: z.string(),
  output: z.string().nullable(),
  reason: z.string().nullable().describe('why the run ended: completed, cancelled, an error code, or limit-<name>'),
  message: z.string().nullable(),
  limit: LimitName.nullable(),
  limits: RunLimits,
  spent: Spent,
  rehearsal: z.boolean().describe('whether a scripted model answered'),
  requestedBy: z.string(),
  traceId: z.string(),
  createdAt: Instant,
  updatedAt: Instant,
  endedAt: Instant.nullable(),
})
export type Run = z.infer<typeof Run>

/** Request to start a run. With `stream` the answer is a stream of events; with `wait` it is the run when it has ended or waits for a person. */
export const CreateRun = z.strictObject({
  agent: z.string().min(1).max(63),
  input: z.string().min(1).max(1_000_000),
  sessionId: z.string().max(100).optional().describe('continue this conversation'),
  limits: RunLimits.partial().optional().describe('tighten the limits of the agent; they cannot be raised'),
  scope: RunScope.optional(),
  wait: z.boolean().default(false),
  stream: z.boolean().default(false),
})
export type CreateRun = z.input<typeof CreateRun>

/** Filters of the list of runs, newest first. */
export const RunQuery = PageQuery.extend({
  agent: z.string().max(63).optional(),
  status: RunStatus.optional(),
  sessionId: z.string().max(100).optional(),
  createdAfter: Instant.optional(),
  createdBefore: Instant.optional(),
})
export type RunQuery = z.input<typeof RunQuery>

/** One page of runs. */
export const RunPage = pageOf(Run)
