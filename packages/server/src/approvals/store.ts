import type { Approval, ApprovalQuery, Decision } from '@causeway/contracts'
import type { Selectable } from 'kysely'
import { type Connection, inScope, ownedBy, type Scope, type Tables } from '../database/index.ts'

/** A call that a person is asked about. */
export interface NewApproval {
  approvalId: string
  runId: string
  sessionId: string
  agent: string
  callId: string
  tool: string
  toolVersion: string
  arguments: Record<string, unknown>
  binding: string
  decision: Decision
  requestedBy: string
  expiresAt: string
}

type Row = Selectable<Tables['approvals']> & { environment: string }

const toApproval = (row: Row): Approval => ({
  id: row.id,
  environment: row.environment,
  runId: row.run_id,
  sessionId: row.session_id,
  agent: row.agent,
  callId: row.call_id,
  tool: row.tool,
  toolVersion: row.tool_version,
  arguments: row.arguments,
  binding: row.binding,
  decision: row.decision,
  requestedBy: row.requested_by,
  status: row.status,
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
  decidedAt: row.decided_at?.toISOString() ?? null,
  decidedBy: row.decided_by,
  comment: row.comment,
})

const select = (connection: Connection, { organisationId, environmentId }: Scope) =>
  connection
    .selectFrom('approvals')
    .innerJoin('environments', 'environments.id', 'approvals.environment_id')
    .selectAll('approvals')
    .select('environments.name as environment')
    // inScope, with the table named because of the join
    .where('approvals.organisation_id', '=', organisationId)
    .where('approvals.environment_id', '=', environmentId)

/** Asks about a call. If the same call was asked about before with another binding, the question is put anew. */
export async function upsertApproval(connection: Connection, scope: Scope, approval: NewApproval): Promise<void> {
  const asked = {
    id: approval.approvalId,
    tool_version: approval.toolVersion,
    arguments: JSON.stringify(approval.arguments),
    binding: approval.binding,
    decision: JSON.stringify(approval.decision),
    status: 'pending' as const,
    created_at: new Date(),
    expires_at: new Date(approval.expiresAt),
    decided_at: null,
    decided_by: null,
    comment: null,
  }
  await connection
    .insertInto('approvals')
    .values({
      ...ownedBy(scope),
      ...asked,
      run_id: approval.runId,
      session_id: approval.sessionId,
      agent: approval.agent,
      call_id: approval.callId,
      tool: approval.tool,
      requested_by: approval.requestedBy,
    })
    .onConflict(conflict => conflict.columns(['run_id', 'call_id']).doUpdateSet(asked))
    .execute()
}

export async function findApproval(connection: Connection, scope: Scope, id: string): Promise<Approval | undefined> {
  const row = await select(connection, scope).where('approvals.id', '=', id).executeTakeFirst()
  return row && toApproval(row)
}

export async function listApprovals(
  connection: Connection,
  scope: Scope,
  { status, runId }: Omit<ApprovalQuery, 'cursor' | 'limit'>,
  { before, limit }: { before: string | undefined; limit: number },
): Promise<Approval[]> {
  let query = select(connection, scope).orderBy('approvals.id', 'desc').limit(limit)
  if (before) query = query.where('approvals.id', '<', before)
  if (status) query = query.where('approvals.status', '=', status)
  if (runId) query = query.where('approvals.run_id', '=', runId)
  return (await query.execute()).map(toApproval)
}

/** Writes an answer if the approval is still pending (and has not run out, unless that is the answer). @returns whether it was */
export async function closeApproval(
  connection: Connection,
  scope: Scope,
  id: string,
  answer: { status: 'approved' | 'denied' | 'expired'; decidedBy: string | null; comment: string | null },
): Promise<boolean> {
  const now = new Date()
  const result = await connection
    .updateTable('approvals')
    .set({ status: answer.status, decided_at: now, decided_by: answer.decidedBy, comment: answer.comment })
    .where(inScope(scope))
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .where('expires_at', answer.status === 'expired' ? '<=' : '>', now)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

export async function withdrawApprovals(connection: Connection, scope: Scope, runId: string): Promise<void> {
  await connection
    .updateTable('approvals')
    .set({ status: 'withdrawn', decided_at: new Date() })
    .where(inScope(scope))
    .where('run_id', '=', runId)
    .where('status', '=', 'pending')
    .execute()
}

export async function countPending(connection: Connection, scope: Scope, runId: string): Promise<number> {
  const { count } = await connection
    .selectFrom('approvals')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where(inScope(scope))
    .where('run_id', '=', runId)
    .where('status', '=', 'pending')
    .executeTakeFirstOrThrow()
  return count
}

/** Approvals of any tenant whose time has run out, oldest first. */
export async function overdueApprovals(connection: Connection, limit: number): Promise<(Scope & { id: string })[]> {
  // across tenants: every replica closes what has run out, whosoever it is
  const rows = await connection
    .selectFrom('approvals')
    .select(['id', 'organisation_id', 'environment_id'])
    .where('status', '=', 'pending')
    .where('expires_at', '<=', new Date())
    .orderBy('expires_at')
    .limit(limit)
    .execute()
  return rows.map(row => ({ id: row.id, organisationId: row.organisation_id, environmentId: row.environment_id }))
}
