import { CausewayError, type ApiKey, type CreateOAuthGrant } from '@causeway/contracts'
import type { Caller } from '../http/index.ts'
import { createKeyRow, type KeyDependencies } from './api-keys.ts'
import { retireHash } from './key-store.ts'
import { grantHash, type OAuthTokens } from './oauth-tokens.ts'
import { findUser } from './organisation-store.ts'

/**
 * Lets an OAuth client act for the caller, with no more rights than that one has. A grant is a key that nobody has: it is listed and
 * revoked like the others, and the client's own access tokens take its place.
 * @throws CausewayError invalid-request for a caller who is no user with an address, and what creating a key throws
 */
export async function createOAuthGrant(
  dependencies: KeyDependencies,
  tokens: Pick<OAuthTokens, 'issuer'>,
  caller: Caller,
  { clientId, ...bounds }: CreateOAuthGrant,
): Promise<ApiKey> {
  const user =
    caller.userId === null
      ? undefined
      : await findUser(dependencies.database.kysely, caller.organisationId, caller.userId)
  if (!user?.email)
    throw new CausewayError('invalid-request', 'Only a user with an address lets a client act: sign in as one.')
  const hash = grantHash(tokens.issuer, { clientId, person: user.email })
  return createKeyRow(
    dependencies,
    caller,
    { ...bounds, name: `oauth ${clientId} for ${user.name}`.slice(0, 200), role: caller.role, userId: user.id },
    {
      prefix: 'oauth',
      hash,
      before: async connection => {
        if (await retireHash(connection, hash)) return
        throw new CausewayError('conflict', `${clientId} may act for ${user.email} already; revoke that grant first.`)
      },
    },
  )
}
