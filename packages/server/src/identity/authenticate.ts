import type { IncomingHttpHeaders } from 'node:http'
import { CausewayError } from '@causeway/contracts'
import type { Audit } from '../audit/index.ts'
import type { Database } from '../database/index.ts'
import type { Authenticator, Caller } from '../http/index.ts'
import { findKeyByHash, findKeyBySession, touchKey, type KeyRecord } from './key-store.ts'
import { hashSecret } from './key-secret.ts'
import { listEnvironments } from './organisation-store.ts'

/** Name of the cookie of a console session. */
export const sessionCookie = 'causeway_session'

/** An authenticator that remembers keys for a moment. */
export interface KeyAuthenticator extends Authenticator {
  /** Forgets what is remembered of keys, so that a revocation takes effect here at once. */
  forget(): void
}

/** How long a key is trusted without a look at the database, in milliseconds: so late, at most, a revocation reaches other replicas. */
const trustedMs = 500
const rememberedAtMost = 10_000
/** A key's use is written down once in this time. */
const useNotedMs = 3_600_000

type Known = { key: KeyRecord; environments: Map<string, string>; at: number }

export function createAuthenticator({
  database,
  audit,
  clock = Date.now,
}: {
  database: Database
  audit: Audit
  clock?: () => number
}): KeyAuthenticator {
  const known = new Map<string, Known>()
  const noted = new Map<string, number>()

  async function lookUp(hash: string, byCookie: boolean): Promise<Known> {
    const remembered = known.get(hash)
    if (remembered && clock() - remembered.at < trustedMs) return remembered
    const find = byCookie ? findKeyBySession : findKeyByHash
    const key = await find(database.kysely, hash)
    if (!key || key.revokedAt)
      throw new CausewayError('invalid-credentials', byCookie ? 'The session has ended.' : 'The API key is not valid.')
    const environments = new Map(
      (await listEnvironments(database.kysely, key.organisationId)).map(({ id, name }) => [name, id]),
    )
    const found = { key, environments, at: clock() }
    known.delete(hash)
    known.set(hash, found)
    if (known.size > rememberedAtMost) known.delete(known.keys().next().value ?? '')
    return found
  }

  async function noteUse(caller: Caller): Promise<void> {
    if (clock() - (noted.get(caller.keyId) ?? 0) < useNotedMs) return
    noted.set(caller.keyId, clock())
    if (noted.size > rememberedAtMost) noted.delete(noted.keys().next().value ?? '')
    const { organisationId, environment, actor, keyId } = caller
    await touchKey(database.kysely, keyId)
    await audit.record(database.kysely, {
      organisationId,
      environment,
      actor,
      action: 'key.used',
      subject: keyId,
      detail: {},
    })
  }

  return {
    async authenticate(headers) {
      const { secret, byCookie } = credentialOf(headers)
      const { key, environments } = await lookUp(hashSecret(secret), byCookie)
      if (key.expiresAt && key.expiresAt.getTime() <= clock())
        throw new CausewayError('invalid-credentials', 'The API key has expired.')
      const environment = chooseEnvironment(key, environments, headers['causeway-environment'])
      const caller: Caller = {
        organisationId: key.organisationId,
        environmentId: environment.id,
        environment: environment.name,
        actor: `key:${key.name}`,
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
    forget: () => known.clear(),
  }
}

function credentialOf(headers: IncomingHttpHeaders): { secret: string; byCookie: boolean } {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  const apiKey = headers['x-api-key']
  const key = bearer ?? (typeof apiKey === 'string' ? apiKey : undefined)
  if (key) return { secret: key, byCookie: false }
  const cookie = readSessionCookie(headers)
  if (cookie) return { secret: cookie, byCookie: true }
  throw new CausewayError('missing-credentials', 'The request has no Authorization header.')
}

/** The console session that the request names. */
export function readSessionCookie(headers: IncomingHttpHeaders): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map(pair => pair.trim().split('='))
  return pairs.find(([name]) => name === sessionCookie)?.[1]
}

function chooseEnvironment(
  key: KeyRecord,
  environments: Map<string, string>,
  wanted: string | string[] | undefined,
): { id: string; name: string } {
  const name = typeof wanted === 'string' && wanted !== '' ? wanted : undefined
  const bound = [...environments].find(([, id]) => id === key.environmentId)
  if (bound) {
    if (name !== undefined && name !== bound[0])
      throw new CausewayError('environment-mismatch', `The key is bound to ${bound[0]}, the request names ${name}.`)
    return { name: bound[0], id: bound[1] }
  }
  const chosen = name ?? 'dev'
  const id = environments.get(chosen)
  if (!id) throw new CausewayError('unknown-environment', `There is no environment ${chosen}.`)
  return { id, name: chosen }
}
