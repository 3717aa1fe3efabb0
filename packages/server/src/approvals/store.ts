import type { Approval, ApprovalQuery, ApprovalStatus, Decision, EditedCall } from '@causeway/contracts'
import { sql, type Selectable } from 'kysely'
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
  /** How many people must approve. */
  needed: number
  escalatesAt: string
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
  escalatesAt: row.escalates_at?.toISOString() ?? null,
  escalatedAt: row.escalated_at?.toISOString() ?? null,
  needed: row.needed,
  approvedBy: row.approved_by,
  decidedAt: row.decided_at?.toISOString() ?? null,
  decidedBy: row.decided_by,
  comment: row.comment,
  edited: row.edited,
  assignedTo: row.assigned_to,
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
    escalates_at: new Date(approval.escalatesAt),
    escalated_at: null,
    needed: approval.needed,
    approved_by: [],
    decided_at: null,
    decided_by: null,
    comment: null,
    edited: null,
    assigned_to: null,
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
  { status, runId, escalated, assignedTo }: Omit<ApprovalQuery, 'cursor' | 'limit'>,
  { before, limit }: { before: string | undefined; limit: number },
): Promise<Approval[]> {
  let query = select(connection, scope).orderBy('approvals.id', 'desc').limit(limit)
  if (before) query = query.where('approvals.id', '<', before)
  if (status) query = query.where('approvals.status', '=', status)
  if (runId) query = query.where('approvals.run_id', '=', runId)
  if (assignedTo) query = query.where('approvals.assigned_to', '=', assignedTo)
  if (escalated) query = query.where('approvals.escalated_at', 'is not', null)
  return (await query.execute()).map(toApproval)
}

/**
 * Adds a person to those who approve, once each, and approves the call when enough have. One statement: a row that is updated twice in a
 * transaction has its foreign keys looked up, which locks the run before the audit log, and others take these the other way round.
 * @returns its status after that; undefined when it is not pending any more, or this person has approved before
 */
export async function addApprover(
  connection: Connection,
  scope: Scope,
  id: string,
  { actor, comment, edited }: { actor: string; comment: string | null; edited: EditedCall | undefined },
): Promise<ApprovalStatus | undefined> {
  const now = new Date()
  const enough = sql<boolean>`cardinality(approved_by) + 1 >= needed`
  const row = await connection
    .updateTable('approvals')
    .set({
      approved_by: sql`array_append(approved_by, ${actor})`,
      status: sql`case when ${enough} then 'approved' else status end`,
      decided_at: sql`case when ${enough} then ${now}::timestamptz end`,
      decided_by: sql`case when ${enough} then ${actor}::text end`,
      comment: sql`case when ${enough} then ${comment}::text end`,
      ...(edited && { edited: JSON.stringify(edited) }),
    })
    .where(inScope(scope))
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .where('expires_at', '>', now)
    .where(sql<boolean>`not (${actor} = any(approved_by))`)
    .returning('status')
    .executeTakeFirst()
  return row?.status
}

/** Hands a pending approval on. @returns whether it was pending */
export async function assignApproval(connection: Connection, scope: Scope, id: string, to: string): Promise<boolean> {
  const result = await connection
    .updateTable('approvals')
    .set({ assigned_to: to })
    .where(inScope(scope))
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** The call of a tool by an agent that was approved last. */
export async function lastApproved(
  connection: Connection,
  scope: Scope,
  { id, agent, tool }: Pick<Approval, 'id' | 'agent' | 'tool'>,
): Promise<Approval['previous']> {
  const row = await connection
    .selectFrom('approvals')
    .select(['id', 'arguments', 'edited', 'decided_at', 'decided_by'])
    .where(inScope(scope))
    .where('agent', '=', agent)
    .where('tool', '=', tool)
    .where('status', '=', 'approved')
    .where('id', '!=', id)
    .orderBy('decided_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!row?.decided_at || row.decided_by === null) return null
  const values = row.edited?.arguments ?? row.arguments
  return { id: row.id, arguments: values, decidedAt: row.decided_at.toISOString(), decidedBy: row.decided_by }
}

/** Marks the approval of any tenant that has waited longest beyond its time as handed up. */
export async function escalateNext(connection: Connection): Promise<(Scope & { id: string }) | undefined> {
  // across tenants: every replica hands up what has waited too long, whosoever it is
  const { rows } = await sql<{ id: string; organisation_id: string; environment_id: string }>`
    update approvals set escalated_at = now() where ctid in (
      select ctid from approvals
      where status = 'pending' and escalated_at is null and escalates_at <= now() and expires_at > now()
      order by escalates_at limit 1 for update skip locked)
    returning id, organisation_id, environment_id`.execute(connection)
  const [row] = rows
  return row && { id: row.id, organisationId: row.organisation_id, environmentId: row.environment_id }
}

/** Writes an answer if the approval is still pending (and has not run out, unless that is the answer). @returns whether it was */
export async function closeApproval(
  connection: Connection,
  scope: Scope,
  id: string,
  answer: { status: 'denied' | 'expired'; decidedBy: string | null; comment: string | null },
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

/** Calls that wait for a person, in all environments. */
export async function countAllPending(connection: Connection): Promise<number> {
  // across tenants: a figure for whoever runs the platform
  const { count } = await connection
    .selectFrom('approvals')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('status', '=', 'pending')
    .executeTakeFirstOrThrow()
  return count
}
