import { CausewayError, type Page, type Secret, type SetSecret } from '@causeway/contracts'
import type { Audit } from '../audit/index.ts'
import type { Connection, Database, Scope } from '../database/index.ts'
import { encodeCursor, pageFrom, type Caller } from '../http/index.ts'
import type { Manifests } from '../manifests/index.ts'
import type { Secrets } from './create-secrets.ts'
import { closeEnvelope, openEnvelope } from './encryption/envelope.ts'
import type { MasterKey } from './encryption/master-key.ts'
import type { MasterKeys } from './encryption/master-keys.ts'
import { handlesIn } from './handles-in.ts'
import { SecretStoreError } from './secret-store.ts'
import { isProviderKey } from './secret-variables.ts'
import {
  deleteSecret,
  findSecret,
  holdMasterKey,
  insertVersion,
  listSecrets,
  nextVersion,
  registerMasterKey,
} from './store.ts'

/** What the management of the platform's own secrets needs. */
export interface OwnSecretsDependencies {
  database: Database
  keys: MasterKeys
  audit: Audit
  manifests: Manifests
  secrets: Pick<Secrets, 'forget'>
}

/** So many values of a secret are kept. */
const versionsKept = 5

type Row = Awaited<ReturnType<typeof listSecrets>>[number]

/** The secrets of an environment, without their values. */
export async function listOwnSecrets(
  { database, manifests }: OwnSecretsDependencies,
  caller: Caller,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<Page<Secret>> {
  const rows = await listSecrets(database.kysely, caller, { after, limit: limit + 1 })
  const users = await usersOfSecrets(manifests, caller)
  return pageFrom(
    rows.map(row => toSecret(row, users)),
    limit,
    encodeCursor,
    ({ name }) => name,
  )
}

/**
 * Gives a secret its next value.
 * @throws CausewayError not-found where the version to take is not kept, secret-store-unavailable without a master key
 */
export async function setOwnSecret(
  { database, keys, audit, manifests, secrets }: OwnSecretsDependencies,
  caller: Caller,
  name: string,
  request: SetSecret,
): Promise<Secret> {
  const { organisationId, environment, actor } = caller
  const use = 'value' in request ? request.use : undefined
  const row = await database.transaction(async transaction => {
    const value =
      'value' in request ? request.value : await valueOf(transaction, keys, caller, name, request.fromVersion)
    const unlessSaid = isProviderKey(name) ? 'providers' : 'any'
    const next = await nextVersion(transaction, caller, { name, use, unlessSaid, by: actor })
    const { version } = next
    const key = await keyForNewValues(transaction, keys)
    const owner = { organisationId, environmentId: caller.environmentId, name, version }
    await insertVersion(transaction, owner, closeEnvelope(key, owner, value), versionsKept)
    const detail = { version, use: next.use, ...('fromVersion' in request && { fromVersion: request.fromVersion }) }
    await audit.record(transaction, { organisationId, environment, actor, action: 'secret.set', subject: name, detail })
    return next
  })
  secrets.forget(caller, { secret: name })
  return toSecret(row, await usersOfSecrets(manifests, caller))
}

/** Removes a secret with all its values. @throws CausewayError not-found */
export async function deleteOwnSecret(
  { database, audit, manifests, secrets }: OwnSecretsDependencies,
  caller: Caller,
  name: string,
): Promise<Secret> {
  const { organisationId, environment, actor } = caller
  const row = await database.transaction(async transaction => {
    const deleted = await deleteSecret(transaction, caller, name)
    if (!deleted) throw new CausewayError('not-found', `There is no secret ${name} in this environment.`)
    const detail = { version: deleted.version }
    await audit.record(transaction, {
      organisationId,
      environment,
      actor,
      action: 'secret.deleted',
      subject: name,
      detail,
    })
    return deleted
  })
  secrets.forget(caller, { secret: name })
  return toSecret(row, await usersOfSecrets(manifests, caller))
}

/** The master key that is in force, which a change of it waits for. @throws CausewayError secret-store-unavailable */
async function keyForNewValues(transaction: Connection, keys: MasterKeys): Promise<MasterKey> {
  return storeErrorsKnown(async () => {
    const registered =
      (await holdMasterKey(transaction)) ?? (await registerMasterKey(transaction, keys.newestOrMade().id))
    return keys.find(registered)
  })
}

/** @throws CausewayError not-found, secret-store-unavailable */
async function valueOf(
  transaction: Connection,
  keys: MasterKeys,
  { organisationId, environmentId }: Scope,
  name: string,
  version: number,
): Promise<string> {
  const owner = { organisationId, environmentId, name, version }
  const found = await findSecret(transaction, owner, name, version)
  if (!found)
    throw new CausewayError('not-found', `Version ${version} of ${name} is not kept; the last ${versionsKept} are.`)
  return storeErrorsKnown(async () => openEnvelope(keys.find(found.envelope.masterKey), owner, found.envelope))
}

/** Runs work that needs a master key. @throws CausewayError secret-store-unavailable */
export async function storeErrorsKnown<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof SecretStoreError) throw new CausewayError('secret-store-unavailable', error.message)
    throw error
  }
}

/** The manifests in force that name a secret, by its name. */
async function usersOfSecrets(manifests: Manifests, scope: Scope): Promise<Map<string, string[]>> {
  const all = [
    ...(await manifests.allActive(scope, 'Provider')),
    ...(await manifests.allActive(scope, 'Tool')),
    ...(await manifests.allActive(scope, 'ToolServer')),
    ...(await manifests.allActive(scope, 'Trigger')),
    ...(await manifests.allActive(scope, 'Webhook')),
  ]
  const users = new Map<string, string[]>()
  for (const { manifest } of all)
    for (const { secret } of handlesIn(manifest.spec))
      users.set(secret, [...new Set([...(users.get(secret) ?? []), `${manifest.kind}/${manifest.name}`])])
  return users
}

const toSecret = (row: Row, users: ReadonlyMap<string, string[]>): Secret => ({
  name: row.name,
  version: row.version,
  use: row.use,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
  updatedBy: row.updated_by,
  usedBy: users.get(row.name) ?? [],
})
