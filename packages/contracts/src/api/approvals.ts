import * as z from 'zod'
import { Decision, EditedCall, EventError } from '../events.ts'
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
  assignedTo: z.string().nullish().describe('to whom it was handed on; everybody with the right may still decide'),
  edited: EditedCall.nullish().describe('with what the call was approved, where that is something else'),
  previous: z
    .object({ id: z.string(), arguments: z.record(z.string(), z.unknown()), decidedAt: Instant, decidedBy: z.string() })
    .nullish()
    .describe('the call of this tool by this agent that was approved last; told where one approval is read'),
})
export type Approval = z.infer<typeof Approval>

/** Filters of the list of approvals, newest first. */
export const ApprovalQuery = PageQuery.extend({
  status: ApprovalStatus.optional(),
  runId: z.string().max(100).optional(),
  assignedTo: z.string().max(200).optional().describe('only what was handed on to this person'),
  escalated: z.enum(['true']).optional().describe('only what was handed up'),
})
export type ApprovalQuery = z.input<typeof ApprovalQuery>

/** One page of approvals. */
export const ApprovalPage = pageOf(Approval)

/** A person's answer to an approval. A denial is final, and the last approval that is needed. */
export const DecideApproval = z.strictObject({
  outcome: z.enum(['approve', 'deny']),
  comment: z.string().max(4000).optional(),
  arguments: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('approve the call with these instead; not where several people must approve'),
})
export type DecideApproval = z.infer<typeof DecideApproval>

/** Hands an approval on to another person. */
export const DelegateApproval = z.strictObject({
  to: z.string().min(1).max(200).describe('who is to decide, such as user:ada'),
  comment: z.string().max(4000).optional(),
})
export type DelegateApproval = z.infer<typeof DelegateApproval>

/** One answer to several approvals. */
export const DecideApprovals = z.strictObject({
  ids: z.array(z.string().max(100)).min(1).max(100),
  outcome: z.enum(['approve', 'deny']),
  comment: z.string().max(4000).optional(),
})
export type DecideApprovals = z.infer<typeof DecideApprovals>

/** What became of each; one that cannot be decided stops none of the others. */
export const DecidedApprovals = z.object({
  data: z.array(z.object({ id: z.string(), approval: Approval.nullable(), error: EventError.nullable() })),
})
export type DecidedApprovals = z.infer<typeof DecidedApprovals>

/** Request for an address at which one person decides an approval, without an account. */
export const CreateApprovalLink = z.strictObject({
  person: z.string().min(1).max(100).describe('who decides with it, as the audit log and the run will say'),
  expiresInSeconds: z.number().int().min(60).max(604_800).default(86_400),
})
export type CreateApprovalLink = z.input<typeof CreateApprovalLink>

export const ApprovalLink = z.object({ url: z.string(), expiresAt: Instant })
export type ApprovalLink = z.infer<typeof ApprovalLink>
