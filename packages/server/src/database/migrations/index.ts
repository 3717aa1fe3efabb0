import { foundation } from './0001-foundation.ts'
import { appliedManifests } from './0002-applied-manifests.ts'
import { storedResponses } from './0003-stored-responses.ts'
import { budgets } from './0004-budgets.ts'
import { modelCallReasons } from './0006-model-call-reasons.ts'
import { keptAnswers } from './0008-kept-answers.ts'
import { budgetSlots } from './0009-budget-slots.ts'
import { structuredOutput } from './0010-structured-output.ts'
import { guardrails } from './0011-guardrails.ts'
import { feedback } from './0012-feedback.ts'
import { shadows } from './0013-shadows.ts'
import { serviceTiers } from './0014-service-tiers.ts'
import { batches } from './0015-batches.ts'
import { freezes } from './0016-freezes.ts'
import { toolReviews } from './0017-tool-reviews.ts'
import { childRuns } from './0018-child-runs.ts'
import { forks } from './0019-forks.ts'
import { triggers } from './0020-triggers.ts'
import { runPriorities } from './0021-run-priorities.ts'
import { webhooks } from './0022-webhooks.ts'
import { erasure } from './0023-erasure.ts'
import { editedApprovals } from './0024-edited-approvals.ts'
import { secrets } from './0007-secrets.ts'
import { budgetAlerts } from './0025-budget-alerts.ts'
import { a2aPushes } from './0026-a2a-pushes.ts'
import { attachments } from './0027-attachments.ts'
import { cheaperCalls } from './0028-cheaper-calls.ts'
import { manifestsRevision } from './0029-manifests-revision.ts'
import { callsOfSessions } from './0030-calls-of-sessions.ts'
import { legalHolds } from './0031-legal-holds.ts'
import { auditRetention } from './0032-audit-retention.ts'
import { sessionHolds } from './0033-session-holds.ts'
import { memories } from './0034-memories.ts'
import { objectives } from './0035-objectives.ts'
import { incidents } from './0036-incidents.ts'
import { projects } from './0037-projects.ts'

export interface Migration {
  /** Number and name, such as '0001-foundation'. Never changed once released. */
  readonly name: string
  /** Statements, run in one transaction. Never changed once released; the checksum is compared at every start. */
  readonly sql: string
}

/** All migrations, in the order in which they run. New ones are added at the end. */
export const migrations: readonly Migration[] = [
  foundation,
  appliedManifests,
  storedResponses,
  budgets,
  modelCallReasons,
  secrets,
  keptAnswers,
  budgetSlots,
  structuredOutput,
  guardrails,
  feedback,
  shadows,
  serviceTiers,
  batches,
  freezes,
  toolReviews,
  childRuns,
  forks,
  triggers,
  runPriorities,
  webhooks,
  erasure,
  editedApprovals,
  budgetAlerts,
  a2aPushes,
  attachments,
  cheaperCalls,
  manifestsRevision,
  callsOfSessions,
  legalHolds,
  auditRetention,
  sessionHolds,
  memories,
  objectives,
  incidents,
  projects,
]
