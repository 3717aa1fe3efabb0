import { type Connection, inScope, ownedBy, type Scope } from '../database/index.ts'

interface Claim {
  key: string
  requestHash: string
  resourceId: string
}

/** Takes the key for this request, or gives what it was taken for before. */
export async function claimIdempotencyKey(
  connection: Connection,
  scope: Scope,
  claim: Claim,
): Promise<Omit<Claim, 'key'>> {
  await connection
    .insertInto('idempotency_keys')
    .values({ ...ownedBy(scope), key: claim.key, request_hash: claim.requestHash, resource_id: claim.resourceId })
    .onConflict(conflict => conflict.doNothing())
    .execute()
  const row = await connection
    .selectFrom('idempotency_keys')
    .selectAll()
    .where(inScope(scope))
    .where('key', '=', claim.key)
    .executeTakeFirstOrThrow()
  return { requestHash: row.request_hash, resourceId: row.resource_id }
}
