import { CausewayError } from '@causeway/contracts'
import type { Audit } from '../audit/index.ts'
import type { Database } from '../database/index.ts'
import type { Authenticator, Caller } from '../http/index.ts'
import { createBoundedMap } from './bounded-map.ts'
import { chooseEnvironment } from './choose-environment.ts'
import { credentialOf } from './credential.ts'
import { hashSecret } from './key-secret.ts'
import { actorOf, findKeyByHash, findKeyBySession, type KeyRecord } from './key-store.ts'
import { createNoteUse } from './note-use.ts'
import { listEnvironments } from './organisation-store.ts'

/** An authenticator that remembers keys for a moment. */
export interface KeyAuthenticator extends Authenticator {
  /** Forgets what is remembered of keys, so that a revocation takes effect here at once. */
  forget(): void
}

/** How long a key is trusted without a look at the database, in milliseconds: so late, at most, a revocation reaches other replicas. */
const trustedMs = 500
const rememberedAtMost = 10_000

interface Known {
  key: KeyRecord
  environments: ReadonlyMap<string, string>
  /** When it was read. */
  at: number
}

interface Dependencies {
  database: Database
  audit: Audit
  clock?: () => number
}

/** Finds callers by the hashes of their keys. */
export function createAuthenticator({ database, audit, clock = Date.now }: Dependencies): KeyAuthenticator {
  const known = createBoundedMap<Known>({ limit: rememberedAtMost })
  const noteUse = createNoteUse({ database, audit, clock })
  let forgotten = 0

  async function lookUp(hash: string, byCookie: boolean): Promise<Known> {
    const remembered = known.get(hash)
    if (remembered && clock() - remembered.at < trustedMs) return remembered
    const [at, generation] = [clock(), forgotten]
    const find = byCookie ? findKeyBySession : findKeyByHash
    const key = await find(database.kysely, hash, new Date(at))
    if (!key || key.revokedAt)
      throw new CausewayError('invalid-credentials', byCookie ? 'The session has ended.' : 'The API key is not valid.')
    const list = await listEnvironments(database.kysely, key.organisationId)
    const found = { key, environments: new Map(list.map(({ id, name }) => [name, id])), at }
    // What was read before a revocation must not be remembered after it.
    if (generation === forgotten) known.set(hash, found)
    return found
  }

  return {
    async authenticate(headers) {
      const { secret, byCookie } = credentialOf(headers)
      const { key, environments } = await lookUp(hashSecret(secret), byCookie)
      if (key.expiresAt && key.expiresAt.getTime() <= clock())
        throw new CausewayError('invalid-credentials', 'The API key has expired.')
      const wanted = headers['causeway-environment']
      const environment = chooseEnvironment({ boundTo: key.environmentId, environments, wanted })
      const caller: Caller = {
        organisationId: key.organisationId,
        environmentId: environment.id,
        environment: environment.name,
        actor: actorOf(key),
        role: key.role,
        rights: new Set(key.rights),
        keyId: key.id,
        boundToEnvironment: key.environmentId !== null,
        userId: key.userId,
        teamId: key.teamId,
        byCookie,
      }
      await noteUse(caller)
      return caller
    },
    forget() {
      forgotten++
      known.clear()
    },
  }
}
