import { CausewayError } from '@causeway/contracts'
import type { Audit } from '../audit/index.ts'
import type { Database } from '../database/index.ts'
import { hashSecret, newSecret } from './key-secret.ts'
import { actorOf, findKeyByHash, findKeyBySession, type KeyRecord } from './key-store.ts'
import { deleteSession, insertSession } from './session-store.ts'
import { createSignInAttempts } from './sign-in-attempts.ts'

const sessionMs = 12 * 3600 * 1000

/** Console sessions: a key is given once and then a cookie stands for it. */
export interface SignIn {
  /** @throws CausewayError invalid-credentials, rate-limited */
  signIn(key: string, address: string): Promise<{ session: string; maxAgeSeconds: number }>
  signOut(session: string): Promise<void>
}

interface Dependencies {
  database: Database
  audit: Audit
  clock?: () => number
}

/** Signs people in to the console. Every attempt with a key that is known stands in the audit log of its organisation. */
export function createSignIn({ database, audit, clock = Date.now }: Dependencies): SignIn {
  const attempts = createSignInAttempts({ clock })
  const record = (key: KeyRecord, action: string, detail: Record<string, unknown>): Promise<void> =>
    audit.record(database.kysely, {
      organisationId: key.organisationId,
      environment: null,
      actor: actorOf(key),
      action,
      subject: key.id,
      detail,
    })

  return {
    async signIn(secret, address) {
      attempts.refuseTooMany(address)
      const now = clock()
      const key = await findKeyByHash(database.kysely, hashSecret(secret))
      const state = key && stateOf(key, now)
      if (!key || state !== 'valid') {
        attempts.noteFailure(address)
        if (key) await record(key, 'console.sign-in-failed', { address, key: state })
        throw new CausewayError('invalid-credentials', 'The API key is not valid.')
      }
      const session = newSecret('cws')
      const expiresAt = Math.min(now + sessionMs, key.expiresAt?.getTime() ?? Infinity)
      await insertSession(
        database.kysely,
        { hash: hashSecret(session), keyId: key.id, expiresAt: new Date(expiresAt) },
        new Date(now),
      )
      await record(key, 'console.signed-in', { address })
      return { session, maxAgeSeconds: Math.floor((expiresAt - now) / 1000) }
    },
    async signOut(session) {
      const hash = hashSecret(session)
      const key = await findKeyBySession(database.kysely, hash, new Date(clock()))
      if ((await deleteSession(database.kysely, hash)) && key) await record(key, 'console.signed-out', {})
    },
  }
}

function stateOf({ revokedAt, expiresAt }: KeyRecord, now: number): 'valid' | 'revoked' | 'expired' {
  if (revokedAt) return 'revoked'
  return expiresAt && expiresAt.getTime() <= now ? 'expired' : 'valid'
}
