import type { ApiKey, Right, Role } from '@causeway/contracts'
import { rightsOfRole } from '@causeway/contracts'
import type { Selectable } from 'kysely'
import type { Connection, Tables } from '../database/index.ts'

/** A key as authentication needs it. */
export interface KeyRecord {
  id: string
  organisationId: string
  environmentId: string | null
  teamId: string | null
  userId: string | null
  name: string
  role: Role
  rights: readonly Right[]
  expiresAt: Date | null
  revokedAt: Date | null
}

const toRecord = (row: Selectable<Tables['api_keys']>): KeyRecord => ({
  id: row.id,
  organisationId: row.organisation_id,
  environmentId: row.environment_id,
  teamId: row.team_id,
  userId: row.user_id,
  name: row.name,
  role: row.role,
  rights: row.rights.filter(right => rightsOfRole[row.role].includes(right)),
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
})

export async function findKeyByHash(connection: Connection, hash: string): Promise<KeyRecord | undefined> {
  const row = await connection.selectFrom('api_keys').selectAll().where('hash', '=', hash).executeTakeFirst()
  return row && toRecord(row)
}

/** The key behind a console session that has not run out. */
export async function findKeyBySession(connection: Connection, hash: string): Promise<KeyRecord | undefined> {
  const row = await connection
    .selectFrom('console_sessions')
    .innerJoin('api_keys', 'api_keys.id', 'console_sessions.api_key_id')
    .selectAll('api_keys')
    .where('console_sessions.hash', '=', hash)
    .where('console_sessions.expires_at', '>', new Date())
    .executeTakeFirst()
  return row && toRecord(row)
}

export interface NewKey {
  id: string
  organisationId: string
  environmentId: string | null
  teamId: string | null
  userId: string | null
  name: string
  prefix: string
  hash: string
  role: Role
  rights: Right[]
  createdBy: string
  expiresAt: Date | null
}

export async function insertKey(connection: Connection, key: NewKey): Promise<void> {
  await connection
    .insertInto('api_keys')
    .values({
      id: key.id,
      organisation_id: key.organisationId,
      environment_id: key.environmentId,
      team_id: key.teamId,
      user_id: key.userId,
      name: key.name,
      prefix: key.prefix,
      hash: key.hash,
      role: key.role,
      rights: key.rights,
      created_by: key.createdBy,
      expires_at: key.expiresAt,
      revoked_at: null,
      last_used_at: null,
    })
    .execute()
}

const selectKeys = (connection: Connection, organisationId: string) =>
  connection
    .selectFrom('api_keys')
    .leftJoin('environments', 'environments.id', 'api_keys.environment_id')
    .selectAll('api_keys')
    .select('environments.name as environment')
    .where('api_keys.organisation_id', '=', organisationId)

const toApiKey = (row: Selectable<Tables['api_keys']> & { environment: string | null }): ApiKey => ({
  id: row.id,
  name: row.name,
  prefix: row.prefix,
  role: row.role,
  rights: row.rights,
  environment: row.environment,
  teamId: row.team_id,
  userId: row.user_id,
  createdAt: row.created_at.toISOString(),
  createdBy: row.created_by,
  expiresAt: row.expires_at?.toISOString() ?? null,
  revokedAt: row.revoked_at?.toISOString() ?? null,
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
})

export async function findApiKey(
  connection: Connection,
  organisationId: string,
  id: string,
): Promise<ApiKey | undefined> {
  const row = await selectKeys(connection, organisationId).where('api_keys.id', '=', id).executeTakeFirst()
  return row && toApiKey(row)
}

export async function listApiKeys(
  connection: Connection,
  organisationId: string,
  { before, limit }: { before: string | undefined; limit: number },
): Promise<ApiKey[]> {
  let query = selectKeys(connection, organisationId).orderBy('api_keys.id', 'desc').limit(limit)
  if (before) query = query.where('api_keys.id', '<', before)
  return (await query.execute()).map(toApiKey)
}

/** @returns whether there was such a key that was not revoked yet */
export async function revokeKey(connection: Connection, organisationId: string, id: string): Promise<boolean> {
  const result = await connection
    .updateTable('api_keys')
    .set({ revoked_at: new Date() })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

export async function touchKey(connection: Connection, id: string): Promise<void> {
  await connection.updateTable('api_keys').set({ last_used_at: new Date() }).where('id', '=', id).execute()
}

export async function insertConsoleSession(
  connection: Connection,
  hash: string,
  keyId: string,
  expiresAt: Date,
): Promise<void> {
  await connection.insertInto('console_sessions').values({ hash, api_key_id: keyId, expires_at: expiresAt }).execute()
}

export async function deleteConsoleSession(connection: Connection, hash: string): Promise<void> {
  await connection.deleteFrom('console_sessions').where('hash', '=', hash).execute()
}
