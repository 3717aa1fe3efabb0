import * as z from 'zod'
import { Decision } from '../events.ts'
import { Instant } from '../names.ts'
import { ApprovalStatus } from '../statuses.ts'
import { pageOf, PageQuery } from '../paging.ts'

/** A tool call that waits for a person. It is bound to exactly these arguments of this tool version in this run. */
export const Approval = z.object({
  id: z.string(),
  environment: z.string(),
  runId: z.string(),
  sessionId: z.string(),
  agent: z.string(),
  callId: z.string(),
  tool: z.string(),
  toolVersion: z.string(),
  arguments: z.record(z.string(), z.unknown()),
  binding: z.string().describe('sha256 over run, tool version and canonical arguments'),
  decision: Decision,
  requestedBy: z.string(),
  status: ApprovalStatus,
  createdAt: Instant,
  expiresAt: Instant,
  escalatesAt: Instant.nullable().describe('when it is handed up, unless it is decided before'),
  escalatedAt: Instant.nullable(),
  needed: z.number().int().describe('how many people must approve'),
  approvedBy: z.array(z.string()).describe('those who have'),
  decidedAt: Instant.nullable(),
  decidedBy: z.string().nullable(),
  comment: z.string().nullable(),
})
export type Approval = z.infer<typeof Approval>

/** Filters of the list of approvals, newest first. */
export const ApprovalQuery = PageQuery.extend({
  status: ApprovalStatus.optional(),
  runId: z.string().max(100).optional(),
  escalated: z.enum(['true']).optional().describe('only what was handed up'),
})
export type ApprovalQuery = z.input<typeof ApprovalQuery>

/** One page of approvals. */
export const ApprovalPage = pageOf(Approval)

/** A person's answer to an approval. A denial is final, and the last approval that is needed. */
export const DecideApproval = z.strictObject({
  outcome: z.enum(['approve', 'deny']),
  comment: z.string().max(4000).optional(),
})
export type DecideApproval = z.infer<typeof DecideApproval>
