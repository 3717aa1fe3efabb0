import {
  CausewayError,
  isDevelopment,
  type Manifest,
  type ToolReview,
  type ToolReviewQuery,
  type ToolReviewState,
} from '@causeway/contracts'
import type { Selectable } from 'kysely'
import type { Connection, Scope, Tables } from '../database/index.ts'
import { approvalsFor } from './next-state.ts'

type Organisation = Pick<Scope, 'organisationId'>

const toReview = (row: Selectable<Tables['tool_reviews']>): ToolReview => ({
  id: row.id,
  tool: row.tool,
  version: row.version,
  effect: row.effect,
  risk: row.risk,
  state: row.state,
  approvalsNeeded: approvalsFor(row.risk),
  submittedBy: row.submitted_by,
  submittedIn: row.submitted_in,
  submittedAt: row.submitted_at.toISOString(),
  dueAt: row.due_at.toISOString(),
  checks: row.checks,
  history: row.history,
})

const select = (connection: Connection, { organisationId }: Organisation) =>
  connection.selectFrom('tool_reviews').selectAll().where('organisation_id', '=', organisationId)

export async function findReview(
  connection: Connection,
  organisation: Organisation,
  id: string,
): Promise<ToolReview | undefined> {
  const row = await select(connection, organisation).where('id', '=', id).executeTakeFirst()
  return row && toReview(row)
}

/** The review, which nobody else changes until the transaction ends. */
export async function lockReview(
  connection: Connection,
  organisation: Organisation,
  id: string,
): Promise<ToolReview | undefined> {
  const row = await select(connection, organisation).where('id', '=', id).forUpdate().executeTakeFirst()
  return row && toReview(row)
}

/** The review of a version, locked as by `lockReview`. */
export async function lockReviewOf(
  connection: Connection,
  organisation: Organisation,
  { tool, version }: { tool: string; version: string },
): Promise<ToolReview | undefined> {
  const query = select(connection, organisation).where('tool', '=', tool).where('version', '=', version)
  const row = await query.forUpdate().executeTakeFirst()
  return row && toReview(row)
}

/** Keeps a review as it is now. Another one of the same version wins: the id of the one that is kept is given back. */
export async function saveReview(
  connection: Connection,
  { organisationId }: Organisation,
  review: ToolReview,
): Promise<string> {
  const changing = {
    state: review.state,
    submitted_by: review.submittedBy,
    submitted_in: review.submittedIn,
    submitted_at: new Date(review.submittedAt),
    due_at: new Date(review.dueAt),
    checks: JSON.stringify(review.checks),
    history: JSON.stringify(review.history),
  }
  const { id } = await connection
    .insertInto('tool_reviews')
    .values({
      organisation_id: organisationId,
      id: review.id,
      tool: review.tool,
      version: review.version,
      effect: review.effect,
      risk: review.risk,
      ...changing,
    })
    .onConflict(conflict => conflict.columns(['organisation_id', 'tool', 'version']).doUpdateSet(changing))
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** Reviews, newest first. */
export async function listReviews(
  connection: Connection,
  organisation: Organisation,
  { state, tool, overdue }: Omit<ToolReviewQuery, 'cursor' | 'limit' | 'overdue'> & { overdue?: boolean | undefined },
  { before, limit }: { before: string | undefined; limit: number },
): Promise<ToolReview[]> {
  let query = select(connection, organisation).orderBy('id', 'desc').limit(limit)
  if (before) query = query.where('id', '<', before)
  if (state) query = query.where('state', '=', state)
  if (tool) query = query.where('tool', '=', tool)
  if (overdue) query = query.where('state', '=', 'in-review').where('due_at', '<', new Date())
  return (await query.execute()).map(toReview)
}

/** The version of the tool that was approved last, other than the one given. */
export async function approvedBefore(
  connection: Connection,
  organisation: Organisation,
  { tool, version }: { tool: string; version: string },
): Promise<string | null> {
  const row = await select(connection, organisation)
    .where('tool', '=', tool)
    .where('version', '!=', version)
    .where('state', 'in', ['approved', 'deprecated'])
    .orderBy('submitted_at', 'desc')
    .executeTakeFirst()
  return row?.version ?? null
}

/** Names of the environments in which a version is in force. */
export async function environmentsWith(
  connection: Connection,
  { organisationId }: Organisation,
  { tool, version }: { tool: string; version: string },
): Promise<string[]> {
  // across tenants: no, but across the environments of the organisation, which share its versions
  const rows = await connection
    .selectFrom('active_manifests')
    .innerJoin('environments', 'environments.id', 'active_manifests.environment_id')
    .select('environments.name')
    .where('active_manifests.organisation_id', '=', organisationId)
    .where('active_manifests.kind', '=', 'Tool')
    .where('active_manifests.name', '=', tool)
    .where('active_manifests.version', '=', version)
    .orderBy('environments.name')
    .execute()
  return rows.map(({ name }) => name)
}

/** A version that may not be called. */
export interface BlockedVersion {
  tool: string
  version: string
  state: ToolReviewState
}

export async function blockedVersions(connection: Connection, organisation: Organisation): Promise<BlockedVersion[]> {
  const rows = await select(connection, organisation).where('state', 'in', ['quarantined', 'retired']).execute()
  return rows.map(({ tool, version, state }) => ({ tool, version, state }))
}

/**
 * Whether versions may be put in force: outside of dev, tools that were approved; nowhere, those that were taken back.
 * @throws CausewayError review-needed, which names every one
 */
export async function requireReviewed(
  connection: Connection,
  { organisationId, environment }: Organisation & { environment: string },
  versions: readonly { manifest: Manifest; version: string }[],
): Promise<void> {
  const tools = versions.filter(({ manifest }) => manifest.kind === 'Tool')
  if (tools.length === 0) return
  const rows = await select(connection, { organisationId })
    .where(
      'version',
      'in',
      tools.map(({ version }) => version),
    )
    .execute()
  const problems = tools.flatMap(({ manifest: { name }, version }) => {
    const state = rows.find(row => row.tool === name && row.version === version)?.state
    const refused = isDevelopment(environment) ? state === 'quarantined' || state === 'retired' : !isApproved(state)
    return refused ? [`The version ${version.slice(0, 12)} of ${name} is ${state ?? 'not submitted'}.`] : []
  })
  if (problems.length > 0) throw new CausewayError('review-needed', problems.join(' '))
}

const isApproved = (state: ToolReviewState | undefined): boolean => state === 'approved' || state === 'deprecated'

/** Reviews whose time is over, of all organisations. */
export async function countOverdue(connection: Connection): Promise<number> {
  // across tenants: a figure for whoever runs the platform
  const { count } = await connection
    .selectFrom('tool_reviews')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('state', '=', 'in-review')
    .where('due_at', '<', new Date())
    .executeTakeFirstOrThrow()
  return count
}
