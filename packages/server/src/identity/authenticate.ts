import { CausewayError } from '@causeway/contracts'
import type { Audit } from '../audit/index.ts'
import { keptFresh, type Database } from '../database/index.ts'
import type { Authenticator, Caller } from '../http/index.ts'
import { chooseEnvironment } from './choose-environment.ts'
import { credentialOf } from './credential.ts'
import { hashSecret } from './key-secret.ts'
import { actorOf, findKeyByHash, findKeyBySession, type KeyRecord } from './key-store.ts'
import { createNoteUse } from './note-use.ts'
import { grantHash, isJwt, type OAuthClaims, type OAuthTokens } from './oauth-tokens.ts'
import { mayUse } from './may-use.ts'
import { listEnvironments } from './organisation-store.ts'

/** An authenticator that remembers keys for a moment. */
export interface KeyAuthenticator extends Authenticator {
  /** Forgets what is remembered of keys, so that a revocation takes effect here at once. */
  forget(): void
}

/** How long a key is trusted without a look at the database, in milliseconds: so late, at most, a revocation reaches other replicas. */
const trustedMs = 500
/** After this a key that is in use is looked up again, so that its requests do not wait for that. */
const freshMs = 200
const rememberedAtMost = 10_000

interface Known {
  key: KeyRecord
  /** Whether the key may be used in all environments of its organisation. */
  everywhere: boolean
  environments: ReadonlyMap<string, string>
  /** By the environment that a request names. */
  callers: Map<string | undefined, Caller>
}

interface Dependencies {
  database: Database
  audit: Audit
  /** Absent where no authorization server is trusted. */
  oauth?: OAuthTokens | undefined
  clock?: () => number
}

/** Finds callers by the hashes of their keys. */
export function createAuthenticator({ database, audit, oauth, clock = Date.now }: Dependencies): KeyAuthenticator {
  const known = keptFresh<Known>({ freshMs, usableMs: trustedMs, limit: rememberedAtMost, warm: true, clock })
  const noteUse = createNoteUse({ database, audit, clock })

  async function lookUp(hash: string, byCookie: boolean, grant: OAuthClaims | undefined): Promise<Known> {
    const find = byCookie ? findKeyBySession : findKeyByHash
    const key = await find(database.kysely, hash, new Date(clock()))
    if (grant && (!key || key.revokedAt))
      throw new CausewayError(
        'invalid-credentials',
        `${grant.person} does not let the client ${grant.clientId} act here: see POST /v1/oauth-grants.`,
      )
    if (!key || key.revokedAt)
      throw new CausewayError('invalid-credentials', byCookie ? 'The session has ended.' : 'The API key is not valid.')
    const list = await listEnvironments(database.kysely, key.organisationId)
    const usable = list.filter(environment => mayUse(key, environment))
    return {
      key,
      everywhere: key.environmentId === null && usable.length === list.length,
      environments: new Map(usable.map(({ id, name }) => [name, id])),
      callers: new Map(),
    }
  }

  return {
    async authenticate(headers, path = '') {
      const { secret, byCookie } = credentialOf(headers, { tokens: oauth !== undefined })
      const grant = oauth && !byCookie && isJwt(secret) ? await oauth.read(secret, path) : undefined
      const hash = grant && oauth ? grantHash(oauth.issuer, grant) : hashSecret(secret)
      const { key, everywhere, environments, callers } = await known.get(hash, () => lookUp(hash, byCookie, grant))
      if (key.expiresAt && key.expiresAt.getTime() <= clock())
        throw new CausewayError('invalid-credentials', 'The API key has expired.')
      const wanted = headers['causeway-environment']
      const named = Array.isArray(wanted) ? undefined : wanted
      let caller = callers.get(named)
      if (!caller) {
        const environment = chooseEnvironment({ boundTo: key.environmentId, environments, wanted })
        caller = callerOf(key, environment, { byCookie, everywhere })
        // There are no more than there are environments: others are refused.
        callers.set(named, caller)
      }
      await noteUse(caller)
      return caller
    },
    forget: () => known.clear(),
  }
}

/** A caller by its key. */
export const callerOf = (
  key: KeyRecord,
  environment: { id: string; name: string },
  { byCookie, everywhere }: Pick<Caller, 'byCookie' | 'everywhere'>,
): Caller => ({
  organisationId: key.organisationId,
  environmentId: environment.id,
  environment: environment.name,
  actor: actorOf(key),
  role: key.role,
  rights: new Set(key.rights),
  keyId: key.id,
  boundToEnvironment: key.environmentId !== null,
  everywhere,
  userId: key.userId,
  teamId: key.teamId,
  team: key.team,
  byCookie,
})
