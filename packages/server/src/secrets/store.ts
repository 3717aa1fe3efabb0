import type { SecretUse } from '@causeway/contracts'
import { sql, type Selectable } from 'kysely'
import { inScope, ownedBy, type Connection, type Scope, type Tables } from '../database/index.ts'
import type { Envelope, EnvelopeOwner } from './encryption/envelope.ts'

type SecretRow = Selectable<Tables['secrets']>

/** Notes which master key the values are encrypted under, where none is noted. @returns the one that is */
export async function registerMasterKey(connection: Connection, id: string): Promise<string> {
  await connection
    .insertInto('secret_master_key')
    .values({ id })
    .onConflict(conflict => conflict.column('only_one').doNothing())
    .execute()
  return (await registeredMasterKey(connection)) ?? id
}

export async function registeredMasterKey(connection: Connection): Promise<string | undefined> {
  const row = await connection.selectFrom('secret_master_key').select('id').executeTakeFirst()
  return row?.id
}

/** The same, and it stays the one until the transaction ends. */
export async function holdMasterKey(connection: Connection): Promise<string | undefined> {
  const row = await connection.selectFrom('secret_master_key').select('id').forShare().executeTakeFirst()
  return row?.id
}

/** The same, to be changed: waits for values that are being set, and for others who change it. */
export async function lockMasterKey(connection: Connection): Promise<string | undefined> {
  const row = await connection.selectFrom('secret_master_key').select('id').forUpdate().executeTakeFirst()
  return row?.id
}

/** From now on new values are encrypted under this one. */
export async function changeMasterKey(connection: Connection, id: string): Promise<void> {
  await connection
    .insertInto('secret_master_key')
    .values({ id })
    .onConflict(conflict => conflict.column('only_one').doUpdateSet({ id, since: sql`now()` }))
    .execute()
}

/** A secret with the version of its value that counts, or with another one. */
export async function findSecret(
  connection: Connection,
  { organisationId, environmentId }: Scope,
  name: string,
  version?: number,
): Promise<{ version: number; use: SecretUse; envelope: Envelope } | undefined> {
  const row = await connection
    .selectFrom('secrets')
    .innerJoin('secret_versions', join =>
      join
        .onRef('secret_versions.organisation_id', '=', 'secrets.organisation_id')
        .onRef('secret_versions.environment_id', '=', 'secrets.environment_id')
        .onRef('secret_versions.name', '=', 'secrets.name'),
    )
    .select(['secret_versions.version', 'use', 'master_key', 'wrapped_key', 'ciphertext'])
    // inScope, with the table named because of the join
    .where('secrets.organisation_id', '=', organisationId)
    .where('secrets.environment_id', '=', environmentId)
    .where('secrets.name', '=', name)
    .where('secret_versions.version', '=', version ?? sql<number>`secrets.version`)
    .executeTakeFirst()
  return row && { version: row.version, use: row.use, envelope: toEnvelope(row) }
}

export function listSecrets(
  connection: Connection,
  scope: Scope,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<SecretRow[]> {
  let query = connection.selectFrom('secrets').selectAll().where(inScope(scope)).orderBy('name').limit(limit)
  if (after !== undefined) query = query.where('name', '>', after)
  return query.execute()
}

/** Counts a secret up to its next version, or begins with it. Until the transaction ends, others who set it wait. */
export function nextVersion(
  connection: Connection,
  scope: Scope,
  { name, use, unlessSaid, by }: { name: string; use: SecretUse | undefined; unlessSaid: SecretUse; by: string },
): Promise<SecretRow> {
  return connection
    .insertInto('secrets')
    .values({ ...ownedBy(scope), name, version: 1, use: use ?? unlessSaid, updated_by: by })
    .onConflict(conflict =>
      conflict.columns(['organisation_id', 'environment_id', 'name']).doUpdateSet({
        version: sql`secrets.version + 1`,
        updated_at: sql`now()`,
        updated_by: by,
        ...(use && { use }),
      }),
    )
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** Adds the value of a version and removes those that are `kept` or more versions older. */
export async function insertVersion(
  connection: Connection,
  { name, version, ...scope }: EnvelopeOwner,
  { masterKey, wrappedKey, ciphertext }: Envelope,
  kept: number,
): Promise<void> {
  const row = { name, version, master_key: masterKey, wrapped_key: wrappedKey, ciphertext }
  await connection
    .insertInto('secret_versions')
    .values({ ...ownedBy(scope), ...row })
    .execute()
  await connection
    .deleteFrom('secret_versions')
    .where(inScope(scope))
    .where('name', '=', name)
    .where('version', '<=', version - kept)
    .execute()
}

/** Removes a secret with all its versions. @returns what it was */
export function deleteSecret(connection: Connection, scope: Scope, name: string): Promise<SecretRow | undefined> {
  return connection
    .deleteFrom('secrets')
    .where(inScope(scope))
    .where('name', '=', name)
    .returningAll()
    .executeTakeFirst()
}

/** Data keys that are not wrapped with this master key. */
export async function otherwiseWrapped(
  connection: Connection,
  masterKey: string,
  limit: number,
): Promise<{ owner: EnvelopeOwner; envelope: Envelope }[]> {
  // across tenants: the master key is that of the platform
  const rows = await connection
    .selectFrom('secret_versions')
    .selectAll()
    .where('master_key', '<>', masterKey)
    .limit(limit)
    .execute()
  return rows.map(row => ({
    owner: {
      organisationId: row.organisation_id,
      environmentId: row.environment_id,
      name: row.name,
      version: row.version,
    },
    envelope: toEnvelope(row),
  }))
}

/** Replaces a wrapped data key, unless another one has. */
export async function replaceWrappedKey(
  connection: Connection,
  { name, version, ...scope }: EnvelopeOwner,
  { from, to, wrappedKey }: { from: string; to: string; wrappedKey: string },
): Promise<void> {
  await connection
    .updateTable('secret_versions')
    .set({ master_key: to, wrapped_key: wrappedKey })
    .where(inScope(scope))
    .where('name', '=', name)
    .where('version', '=', version)
    .where('master_key', '=', from)
    .execute()
}

/** Every master key that a data key is wrapped with. */
export async function masterKeysInUse(connection: Connection): Promise<string[]> {
  // across tenants: the master key is that of the platform
  const rows = await connection.selectFrom('secret_versions').select('master_key').distinct().execute()
  return rows.map(({ master_key }) => master_key)
}

export async function countVersions(connection: Connection): Promise<number> {
  // across tenants: for the report of a change of the master key
  const { count } = await connection
    .selectFrom('secret_versions')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

const toEnvelope = (row: { master_key: string; wrapped_key: string; ciphertext: string }): Envelope => ({
  masterKey: row.master_key,
  wrappedKey: row.wrapped_key,
  ciphertext: row.ciphertext,
})

/** How an environment and its organisation are called. */
export function findNames(
  connection: Connection,
  { organisationId, environmentId }: Scope,
): Promise<{ organisation: string; environment: string } | undefined> {
  return connection
    .selectFrom('environments')
    .innerJoin('organisations', 'organisations.id', 'environments.organisation_id')
    .select(['organisations.name as organisation', 'environments.name as environment'])
    .where('environments.organisation_id', '=', organisationId)
    .where('environments.id', '=', environmentId)
    .executeTakeFirst()
}
