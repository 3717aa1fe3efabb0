import { CausewayError } from '@causeway/contracts'
import type { Connection, Database, Scope } from '../database/index.ts'
import type { Caller } from '../http/index.ts'
import { callerOf } from './authenticate.ts'
import { findKeyById } from './key-store.ts'
import { mayUse } from './may-use.ts'
import { listEnvironments } from './organisation-store.ts'

/**
 * The caller that a key stands for, where something works by itself in its name.
 * @throws CausewayError invalid-credentials for a key that is unknown, revoked, over, or of another environment
 */
export async function callerOfKey(
  { kysely }: Pick<Database, 'kysely'>,
  { organisationId, environmentId, environment }: Scope & { environment: string },
  keyId: string,
): Promise<Caller> {
  const key = await findKeyById(kysely, organisationId, keyId)
  const own = (await listEnvironments(kysely, organisationId)).find(({ id }) => id === environmentId)
  const isOver = key?.expiresAt && key.expiresAt.getTime() <= Date.now()
  const isOfAnother = key !== undefined && key.environmentId !== null && key.environmentId !== environmentId
  if (!key || key.revokedAt || isOver || isOfAnother || !own || !mayUse(key, own))
    throw new CausewayError('invalid-credentials', `The API key ${keyId} is not valid in ${environment}.`)
  return callerOf(key, { id: environmentId, name: environment }, { byCookie: false, everywhere: false })
}

/**
 * Whether a caller may let something work in the name of a key: the caller's own, one of the same user, or any for who may make keys.
 * @throws CausewayError missing-right
 */
export async function requireOwnKey(connection: Connection, caller: Caller, keyId: string): Promise<void> {
  if (keyId === caller.keyId || caller.rights.has('keys:write')) return
  const key = await findKeyById(connection, caller.organisationId, keyId)
  if (key && key.userId !== null && key.userId === caller.userId) return
  throw new CausewayError('missing-right', `The API key ${keyId} is not one of yours; keys:write lets you name others.`)
}
