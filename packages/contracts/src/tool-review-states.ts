import * as z from 'zod'

/** Where a version of a tool is in its life. A draft is a version that was never submitted; enabled is one that is in force. */
export const ToolReviewState = z.enum([
  'submitted',
  'in-review',
  'approved',
  'rejected',
  'deprecated',
  'retired',
  'quarantined',
])
export type ToolReviewState = z.infer<typeof ToolReviewState>

/** What a reviewer can do. `restore` lets a quarantined version be reviewed again. */
export const ToolReviewAction = z.enum(['approve', 'reject', 'comment', 'quarantine', 'restore', 'deprecate', 'retire'])
export type ToolReviewAction = z.infer<typeof ToolReviewAction>

/** What can be done with a version in each state. */
export const toolReviewActions: Readonly<Record<ToolReviewState, readonly ToolReviewAction[]>> = {
  submitted: ['comment'],
  'in-review': ['comment', 'quarantine', 'reject', 'approve'],
  approved: ['comment', 'deprecate', 'quarantine', 'retire'],
  rejected: ['comment'],
  deprecated: ['comment', 'quarantine', 'retire'],
  retired: ['comment'],
  quarantined: ['comment', 'restore', 'retire'],
}
