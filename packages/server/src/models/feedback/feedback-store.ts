import type { Feedback, GiveFeedback } from '@causeway/contracts'
import { sql } from 'kysely'
import { inScope, ownedBy, type Connection, type Scope } from '../../database/index.ts'

/** The target whose answer is scored, on the route that was taken. */
export interface ScoredTarget {
  route: string
  provider: string
  model: string
}

interface Given extends GiveFeedback {
  scope: Scope
  callId: string
  keyId: string
  actor: string
  target: ScoredTarget
  at: Date
}

/** Keeps feedback; the key's earlier one on the call is replaced. */
export async function keepFeedback(connection: Connection, given: Given): Promise<Feedback> {
  const { scope, callId, keyId, actor, target, score, comment = null, at } = given
  await connection
    .insertInto('model_call_feedback')
    .values({ ...ownedBy(scope), call_id: callId, api_key_id: keyId, actor, ...target, score, comment, given_at: at })
    .onConflict(conflict => conflict.columns(['call_id', 'api_key_id']).doUpdateSet({ score, comment, given_at: at }))
    .execute()
  return { score, comment, actor, givenAt: at.toISOString() }
}

const shown = 20

export async function listFeedback(connection: Connection, scope: Scope, callId: string): Promise<Feedback[]> {
  const rows = await connection
    .selectFrom('model_call_feedback')
    .select(['score', 'comment', 'actor', 'given_at'])
    .where(inScope(scope))
    .where('call_id', '=', callId)
    .orderBy('given_at', 'desc')
    .limit(shown)
    .execute()
  return rows.map(({ given_at: at, ...row }) => ({ ...row, givenAt: at.toISOString() }))
}

/** How often each target was scored since then on each route, and the sum of its scores. */
export async function sumScores(
  connection: Connection,
  { organisationId, environmentId }: Scope,
  since: Date,
): Promise<(ScoredTarget & { count: number; sum: number })[]> {
  const { rows } = await sql<ScoredTarget & { count: number; sum: number }>`
    select route, provider, model, count(*)::integer as count, sum(score) as sum
    from model_call_feedback
    where organisation_id = ${organisationId} and environment_id = ${environmentId} and given_at > ${since}
    group by route, provider, model`.execute(connection)
  return rows
}
