import { type Connection, ownedBy, type Scope } from '../database/index.ts'

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
  const row = await connection
    .insertInto('idempotency_keys')
    .values({ ...ownedBy(scope), key: claim.key, request_hash: claim.requestHash, resource_id: claim.resourceId })
    // What is there stays, and is given back.
    .onConflict(conflict =>
      conflict
        .columns(['organisation_id', 'environment_id', 'key'])
        .doUpdateSet({ key: ({ ref }) => ref('idempotency_keys.key') }),
    )
    .returning(['request_hash', 'resource_id'])
    .executeTakeFirstOrThrow()
  return { requestHash: row.request_hash, resourceId: row.resource_id }
}
