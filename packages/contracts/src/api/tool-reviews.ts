import * as z from 'zod'
import { ManifestDifference } from '../manifests/plan.ts'
import { Deprecation, ToolEffect } from '../manifests/tool.ts'
import { Instant } from '../names.ts'
import { pageOf, PageQuery } from '../paging.ts'
import { ToolReviewAction, ToolReviewState } from '../tool-review-states.ts'

/** What an automatic check has found. One that failed rejects the version; `not-run` says why in its message. */
export const ToolCheck = z.object({
  check: z.enum(['schema', 'poisoning', 'secrets', 'egress', 'effect', 'contract-tests']),
  outcome: z.enum(['passed', 'warned', 'failed', 'not-run']),
  message: z.string(),
})
export type ToolCheck = z.infer<typeof ToolCheck>

/** Something that somebody did or said. */
export const ToolReviewEntry = z.object({
  at: Instant,
  by: z.string(),
  action: z.enum(['submit', ...ToolReviewAction.options]),
  comment: z.string().nullable(),
})
export type ToolReviewEntry = z.infer<typeof ToolReviewEntry>

/** The review of one version of a tool, for all environments of the organisation. */
export const ToolReview = z.object({
  id: z.string(),
  tool: z.string(),
  version: z.string(),
  effect: ToolEffect,
  risk: z.number().int(),
  state: ToolReviewState,
  approvalsNeeded: z.number().int().describe('by the risk; none of them is of whoever submitted, from risk 3 on'),
  submittedBy: z.string(),
  submittedIn: z.string().describe('the environment in which its tests were run'),
  submittedAt: Instant,
  dueAt: Instant.describe('when the review is to be done, by the risk'),
  checks: z.array(ToolCheck),
  history: z.array(ToolReviewEntry),
})
export type ToolReview = z.infer<typeof ToolReview>

/** What a manifest says of a tool for people. */
export const ToolFacts = z.object({
  owner: z.string().nullable(),
  documentation: z.string().nullable(),
  dataClasses: z.array(z.string()).describe('of which its results may be'),
  deprecation: Deprecation.nullable(),
})
export type ToolFacts = z.infer<typeof ToolFacts>

/** A review with what is reviewed. */
export const ToolReviewDetail = ToolReview.extend({
  spec: z.record(z.string(), z.unknown()),
  facts: ToolFacts,
  description: z.string().optional(),
  comparedTo: z.string().nullable().describe('the version that was approved last; null where there is none'),
  differences: z.array(ManifestDifference).describe('against that version'),
  enabledIn: z.array(z.string()).describe('the environments in which the version is in force'),
})
export type ToolReviewDetail = z.infer<typeof ToolReviewDetail>

/** Request to have a version reviewed: a Tool manifest. Sent again, the checks are run again. */
export const SubmitTool = z.strictObject({ manifest: z.unknown(), comment: z.string().min(1).max(4000).optional() })
export type SubmitTool = z.input<typeof SubmitTool>

/** What a reviewer does. */
export const ActOnToolReview = z
  .strictObject({ action: ToolReviewAction, comment: z.string().min(1).max(4000).optional() })
  .refine(({ action, comment }) => action === 'approve' || comment !== undefined, {
    path: ['comment'],
    message: 'expected why',
  })
export type ActOnToolReview = z.input<typeof ActOnToolReview>

/** Filters of the list of reviews, newest first. */
export const ToolReviewQuery = PageQuery.extend({
  state: ToolReviewState.optional(),
  tool: z.string().max(63).optional(),
  overdue: z.stringbool().optional().describe('only those in review whose time is up (true)'),
})
export type ToolReviewQuery = z.input<typeof ToolReviewQuery>

/** One page of reviews. */
export const ToolReviewPage = pageOf(ToolReview)
