import { CausewayError } from '@causeway/contracts'
import type { Database } from '../database/index.ts'
import { hashSecret, newSecret } from './key-secret.ts'
import { deleteConsoleSession, findKeyByHash, insertConsoleSession, type KeyRecord } from './key-store.ts'

const sessionMs = 12 * 3600 * 1000
const attemptsAtMost = 10
const windowMs = 60_000
const addressesAtMost = 10_000

/** Console sessions: a key is given once and then a cookie stands for it. */
export interface SignIn {
  /** @throws CausewayError invalid-credentials, rate-limited */
  signIn(key: string, address: string): Promise<{ session: string; key: KeyRecord; maxAgeSeconds: number }>
  signOut(session: string): Promise<void>
}

export function createSignIn({ database, clock = Date.now }: { database: Database; clock?: () => number }): SignIn {
  const failures = new Map<string, { count: number; since: number }>()

  function refuseIfTooMany(address: string): void {
    const failed = failures.get(address)
    if (!failed || clock() - failed.since > windowMs || failed.count < attemptsAtMost) return
    throw new CausewayError('rate-limited', `Too many wrong keys from ${address}.`, {
      retryAfterSeconds: Math.ceil(windowMs / 1000),
    })
  }

  function noteFailure(address: string): void {
    const failed = failures.get(address)
    const current = failed && clock() - failed.since <= windowMs ? failed : { count: 0, since: clock() }
    failures.delete(address)
    failures.set(address, { ...current, count: current.count + 1 })
    if (failures.size > addressesAtMost) failures.delete(failures.keys().next().value ?? '')
  }

  return {
    async signIn(secret, address) {
      refuseIfTooMany(address)
      const key = await findKeyByHash(database.kysely, hashSecret(secret))
      const expired = key?.expiresAt && key.expiresAt.getTime() <= clock()
      if (!key || key.revokedAt || expired) {
        noteFailure(address)
        throw new CausewayError('invalid-credentials', 'The API key is not valid.')
      }
      const session = newSecret('cws')
      await insertConsoleSession(database.kysely, hashSecret(session), key.id, new Date(clock() + sessionMs))
      return { session, key, maxAgeSeconds: sessionMs / 1000 }
    },
    signOut: session => deleteConsoleSession(database.kysely, hashSecret(session)),
  }
}
