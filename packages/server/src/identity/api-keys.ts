import { CausewayError, rightsOfRole, type ApiKey, type CreateApiKey, type CreatedApiKey } from '@causeway/contracts'
import { v7 as uuid } from 'uuid'
import type { Audit } from '../audit/index.ts'
import type { Connection, Database } from '../database/index.ts'
import type { KeyAuthenticator } from './authenticate.ts'
import type { Caller } from '../http/index.ts'
import { findApiKey, insertKey, revokeKey } from './key-store.ts'
import { hashSecret, newSecret, prefixOf } from './key-secret.ts'
import { belongs, listEnvironments } from './organisation-store.ts'

interface Dependencies {
  database: Database
  audit: Audit
  authenticator: Pick<KeyAuthenticator, 'forget'>
}

/**
 * Creates a key. It can do no more than its creator: rights and environment are checked.
 * @throws CausewayError missing-right, environment-mismatch, unknown-environment, not-found
 */
export async function createApiKey(
  { database, audit }: Dependencies,
  caller: Caller,
  request: CreateApiKey,
): Promise<CreatedApiKey> {
  const ofRole = rightsOfRole[request.role]
  const rights = [...(request.rights ?? ofRole)]
  const beyondRole = rights.filter(right => !ofRole.includes(right))
  if (beyondRole.length > 0)
    throw new CausewayError('invalid-request', `The role ${request.role} does not have ${beyondRole.join(', ')}.`)
  const beyondCaller = rights.filter(right => !caller.rights.has(right))
  if (beyondCaller.length > 0)
    throw new CausewayError('missing-right', `${caller.actor} cannot grant ${beyondCaller.join(', ')}.`)
  const environmentId = await environmentOf(database.kysely, caller, request.environment)
  for (const [table, id] of [
    ['teams', request.teamId],
    ['users', request.userId],
  ] as const)
    if (id !== undefined && !(await belongs(database.kysely, table, caller.organisationId, id)))
      throw new CausewayError('not-found', `There is no ${table === 'teams' ? 'team' : 'user'} ${id}.`)

  const key = newSecret('cw')
  const id = `key_${uuid()}`
  return database.transaction(async transaction => {
    await insertKey(transaction, {
      id,
      organisationId: caller.organisationId,
      environmentId,
      teamId: request.teamId ?? null,
      userId: request.userId ?? null,
      name: request.name,
      prefix: prefixOf(key),
      hash: hashSecret(key),
      role: request.role,
      rights,
      createdBy: caller.actor,
      expiresAt: request.expiresInSeconds === undefined ? null : new Date(Date.now() + request.expiresInSeconds * 1000),
    })
    await record(audit, transaction, caller, 'key.created', id, { name: request.name, role: request.role, rights })
    return { ...(await existing(transaction, caller, id)), key }
  })
}

/** Revokes a key for good. Revoking it again changes nothing. @throws CausewayError not-found */
export async function revokeApiKey(
  { database, audit, authenticator }: Dependencies,
  caller: Caller,
  id: string,
): Promise<ApiKey> {
  const key = await database.transaction(async transaction => {
    if (await revokeKey(transaction, caller.organisationId, id))
      await record(audit, transaction, caller, 'key.revoked', id, {})
    return existing(transaction, caller, id)
  })
  authenticator.forget()
  return key
}

/** A key bound to an environment makes only keys of that environment. */
async function environmentOf(
  connection: Connection,
  caller: Caller,
  wanted: string | undefined,
): Promise<string | null> {
  if (wanted === undefined) return caller.boundToEnvironment ? caller.environmentId : null
  const found = (await listEnvironments(connection, caller.organisationId)).find(({ name }) => name === wanted)
  if (!found) throw new CausewayError('unknown-environment', `There is no environment ${wanted}.`)
  if (caller.boundToEnvironment && found.id !== caller.environmentId)
    throw new CausewayError('environment-mismatch', `A key of ${caller.environment} cannot make a key of ${wanted}.`)
  return found.id
}

const record = (
  audit: Audit,
  connection: Connection,
  caller: Caller,
  action: string,
  subject: string,
  detail: Record<string, unknown>,
): Promise<void> =>
  audit.record(connection, {
    organisationId: caller.organisationId,
    environment: caller.environment,
    actor: caller.actor,
    action,
    subject,
    detail,
  })

async function existing(connection: Connection, caller: Caller, id: string): Promise<ApiKey> {
  const key = await findApiKey(connection, caller.organisationId, id)
  if (!key) throw new CausewayError('not-found', `There is no API key ${id}.`)
  return key
}
