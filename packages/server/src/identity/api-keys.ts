import { CausewayError, rightsOfRole, type ApiKey, type CreateApiKey, type CreatedApiKey } from '@causeway/contracts'
import { v7 as uuid } from 'uuid'
import type { Audit } from '../audit/index.ts'
import type { Connection, Database } from '../database/index.ts'
import type { Caller } from '../http/index.ts'
import type { KeyAuthenticator } from './authenticate.ts'
import { hashSecret, newSecret, prefixOf } from './key-secret.ts'
import { findApiKey, findKeyById, insertKey, keyNameTaken, revokeKey, type KeyRange } from './key-store.ts'
import { mayUse } from './may-use.ts'
import { belongs, listEnvironments, lockOrganisation, type OwnedEnvironment } from './organisation-store.ts'

export interface KeyDependencies {
  database: Database
  audit: Audit
  authenticator: Pick<KeyAuthenticator, 'forget'>
}

/**
 * Creates a key. It can do no more than its creator: not more rights, not in more environments, not for a longer time.
 * @throws CausewayError missing-right, environment-mismatch, unknown-environment, not-found, conflict
 */
export async function createApiKey(
  dependencies: KeyDependencies,
  caller: Caller,
  request: CreateApiKey,
): Promise<CreatedApiKey> {
  const key = newSecret('cw')
  const created = await createKeyRow(dependencies, caller, request, { prefix: prefixOf(key), hash: hashSecret(key) })
  return { ...created, key }
}

/** What a key is found by and known by. */
interface KeyIdentity {
  prefix: string
  hash: string
  /** What else is done in the same transaction, before it. */
  before?: (connection: Connection) => Promise<void>
}

/** As `createApiKey`, for whatever the key is found by. */
export async function createKeyRow(
  { database, audit }: KeyDependencies,
  caller: Caller,
  request: CreateApiKey,
  { prefix, hash, before }: KeyIdentity,
): Promise<ApiKey> {
  refuseMoreRights(caller, request)
  const id = `key_${uuid()}`
  return database.transaction(async transaction => {
    const environmentId = await environmentOf(transaction, caller, request.environment)
    const expiresAt = await expiryOf(transaction, caller, request.expiresInSeconds)
    await refuseForeignOwners(transaction, caller, request)
    await lockOrganisation(transaction, caller.organisationId)
    if (await keyNameTaken(transaction, caller.organisationId, request.name, new Date()))
      throw new CausewayError(
        'conflict',
        `There already is an API key ${request.name}; revoke it or choose another name.`,
      )
    await before?.(transaction)
    await insertKey(transaction, {
      id,
      organisationId: caller.organisationId,
      environmentId,
      teamId: request.teamId ?? null,
      userId: request.userId ?? null,
      name: request.name,
      prefix,
      hash,
      role: request.role,
      rights: request.rights ?? [],
      createdBy: caller.actor,
      expiresAt,
    })
    const created = await existing(transaction, caller, id)
    const { name, role, rights, environment, userId } = created
    await record(audit, transaction, caller, 'key.created', id, { name, role, rights, environment, userId })
    return created
  })
}

/** Revokes a key for good. Revoking it again changes nothing. @throws CausewayError not-found */
export async function revokeApiKey(
  { database, audit, authenticator }: KeyDependencies,
  caller: Caller,
  id: string,
): Promise<ApiKey> {
  const key = await database.transaction(async transaction => {
    const { name } = await existing(transaction, caller, id)
    if (await revokeKey(transaction, caller.organisationId, id))
      await record(audit, transaction, caller, 'key.revoked', id, { name })
    return existing(transaction, caller, id)
  })
  authenticator.forget()
  return key
}

/** A key bound to an environment sees only the keys of that environment. */
export const keysSeenBy = ({ organisationId, environmentId, boundToEnvironment }: Caller): KeyRange => ({
  organisationId,
  environmentId: boundToEnvironment ? environmentId : undefined,
})

function refuseMoreRights(caller: Caller, { role, rights = [] }: CreateApiKey): void {
  const ofRole = rightsOfRole[role]
  const beyondRole = rights.filter(right => !ofRole.includes(right))
  if (beyondRole.length > 0)
    throw new CausewayError('invalid-request', `The role ${role} does not have ${beyondRole.join(', ')}.`)
  const wanted = rights.length > 0 ? rights : ofRole
  const beyondCaller = wanted.filter(right => !caller.rights.has(right))
  if (beyondCaller.length > 0)
    throw new CausewayError('missing-right', `${caller.actor} cannot grant ${beyondCaller.join(', ')}.`)
}

/** The environments that a caller may use. */
export async function environmentsSeenBy(connection: Connection, caller: Caller): Promise<OwnedEnvironment[]> {
  const environmentId = caller.boundToEnvironment ? caller.environmentId : null
  const all = await listEnvironments(connection, caller.organisationId)
  return all.filter(environment => mayUse({ ...caller, environmentId }, environment))
}

/** A key bound to an environment makes only keys of that environment. */
async function environmentOf(
  connection: Connection,
  caller: Caller,
  wanted: string | undefined,
): Promise<string | null> {
  if (wanted === undefined) return caller.boundToEnvironment ? caller.environmentId : null
  const found = (await environmentsSeenBy(connection, caller)).find(({ name }) => name === wanted)
  if (!found) throw new CausewayError('unknown-environment', `There is no environment ${wanted}.`)
  if (caller.boundToEnvironment && found.id !== caller.environmentId)
    throw new CausewayError('environment-mismatch', `A key of ${caller.environment} cannot make a key of ${wanted}.`)
  return found.id
}

/** A key that expires makes no key that outlives it. */
async function expiryOf(connection: Connection, caller: Caller, seconds: number | undefined): Promise<Date | null> {
  const creator = await findKeyById(connection, caller.organisationId, caller.keyId)
  const latest = creator?.expiresAt ?? null
  if (seconds === undefined) return latest
  const wanted = new Date(Date.now() + seconds * 1000)
  if (latest && wanted > latest)
    throw new CausewayError(
      'missing-right',
      `A key that expires at ${latest.toISOString()} cannot make one that lives longer.`,
    )
  return wanted
}

async function refuseForeignOwners(
  connection: Connection,
  caller: Caller,
  { teamId, userId }: CreateApiKey,
): Promise<void> {
  const { organisationId } = caller
  if (teamId !== undefined && !(await belongs(connection, 'teams', organisationId, teamId)))
    throw new CausewayError('not-found', `There is no team ${teamId}.`)
  // A key of another team reaches what is for that team alone, which its maker may not.
  const all =
    teamId === undefined || caller.rights.has('members:write') ? [] : await listEnvironments(connection, organisationId)
  if (teamId !== caller.teamId && all.some(environment => environment.teamId === teamId))
    throw new CausewayError(
      'missing-right',
      `${caller.actor} cannot make a key of the team ${teamId}, which has projects of its own.`,
    )
  if (userId !== undefined && !(await belongs(connection, 'users', organisationId, userId)))
    throw new CausewayError('not-found', `There is no user ${userId}.`)
}

const record = (
  audit: Audit,
  connection: Connection,
  { organisationId, environment, actor }: Caller,
  action: string,
  subject: string,
  detail: Record<string, unknown>,
): Promise<void> => audit.record(connection, { organisationId, environment, actor, action, subject, detail })

async function existing(connection: Connection, caller: Caller, id: string): Promise<ApiKey> {
  const key = await findApiKey(connection, keysSeenBy(caller), id)
  if (!key) throw new CausewayError('not-found', `There is no API key ${id}.`)
  return key
}
