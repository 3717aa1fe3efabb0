import type { ApiKey, Right, Role } from '@causeway/contracts'
import { sql, type Selectable } from 'kysely'
import type { Connection, Tables } from '../database/index.ts'
import { effectiveRights } from './effective-rights.ts'

/** A key as authentication needs it. */
export interface KeyRecord {
  id: string
  organisationId: string
  environmentId: string | null
  teamId: string | null
  /** Name of the team. */
  team: string | null
  userId: string | null
  /** Name of the user whose key it is. */
  userName: string | null
  name: string
  role: Role
  /** What it may do. */
  rights: readonly Right[]
  expiresAt: Date | null
  revokedAt: Date | null
}

/** The name under which whoever uses the key stands in the audit log; names of users and of keys in force are unique. */
export const actorOf = ({ userName, name }: Pick<KeyRecord, 'userName' | 'name'>): string =>
  userName === null ? `key:${name}` : `user:${userName}`

type KeyRow = Selectable<Tables['api_keys']> & {
  user_name: string | null
  user_role: Role | null
  team_name: string | null
}

const rightsOf = (row: KeyRow): Right[] =>
  effectiveRights({ role: row.role, narrowedTo: row.rights, userRole: row.user_role })

const toRecord = (row: KeyRow): KeyRecord => ({
  id: row.id,
  organisationId: row.organisation_id,
  environmentId: row.environment_id,
  teamId: row.team_id,
  team: row.team_name,
  userId: row.user_id,
  userName: row.user_name,
  name: row.name,
  role: row.role,
  rights: rightsOf(row),
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
})

// across tenants: a credential says whose key it is; every other use adds the organisation
const selectRecords = (connection: Connection) =>
  connection
    .selectFrom('api_keys')
    .leftJoin('users', 'users.id', 'api_keys.user_id')
    .leftJoin('teams', 'teams.id', 'api_keys.team_id')
    .selectAll('api_keys')
    .select(['users.name as user_name', 'users.role as user_role', 'teams.name as team_name'])

export async function findKeyByHash(connection: Connection, hash: string): Promise<KeyRecord | undefined> {
  const row = await selectRecords(connection).where('hash', '=', hash).executeTakeFirst()
  return row && toRecord(row)
}

export async function findKeyById(
  connection: Connection,
  organisationId: string,
  id: string,
): Promise<KeyRecord | undefined> {
  const row = await selectRecords(connection)
    .where('api_keys.organisation_id', '=', organisationId)
    .where('api_keys.id', '=', id)
    .executeTakeFirst()
  return row && toRecord(row)
}

/** The key behind a console session that has not run out. */
export async function findKeyBySession(
  connection: Connection,
  hash: string,
  now: Date,
): Promise<KeyRecord | undefined> {
  const row = await selectRecords(connection)
    .innerJoin('console_sessions', 'console_sessions.api_key_id', 'api_keys.id')
    .where('console_sessions.hash', '=', hash)
    .where('console_sessions.expires_at', '>', now)
    .executeTakeFirst()
  return row && toRecord(row)
}

/** Whether a key of that name is in force. */
export async function keyNameTaken(
  connection: Connection,
  organisationId: string,
  name: string,
  now: Date,
): Promise<boolean> {
  const row = await connection
    .selectFrom('api_keys')
    .select('id')
    .where('organisation_id', '=', organisationId)
    .where('name', '=', name)
    .where('revoked_at', 'is', null)
    .where(where => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]))
    .executeTakeFirst()
  return row !== undefined
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
  /** Rights to which it is narrowed; none: all of its role. */
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

/** Lets a hash be used again whose key is revoked or over. @returns whether it can be: no key in force has it */
export async function retireHash(connection: Connection, hash: string): Promise<boolean> {
  // across tenants: there is one key for a hash, whosoever it is
  await connection
    .updateTable('api_keys')
    .set({ hash: sql`hash || ' ' || id` })
    .where('hash', '=', hash)
    .where(where => where.or([where('revoked_at', 'is not', null), where('expires_at', '<=', new Date())]))
    .execute()
  return (await findKeyByHash(connection, hash)) === undefined
}

/** The keys that somebody may see: those of the organisation, or those of one environment of it. */
export interface KeyRange {
  organisationId: string
  /** Only keys that are bound to this environment. */
  environmentId: string | undefined
}

function selectKeys(connection: Connection, { organisationId, environmentId }: KeyRange) {
  const query = selectRecords(connection)
    .leftJoin('environments', 'environments.id', 'api_keys.environment_id')
    .select('environments.name as environment')
    .where('api_keys.organisation_id', '=', organisationId)
  return environmentId === undefined ? query : query.where('api_keys.environment_id', '=', environmentId)
}

const toApiKey = (row: KeyRow & { environment: string | null }): ApiKey => ({
  id: row.id,
  name: row.name,
  prefix: row.prefix,
  role: row.role,
  rights: rightsOf(row),
  environment: row.environment,
  teamId: row.team_id,
  userId: row.user_id,
  createdAt: row.created_at.toISOString(),
  createdBy: row.created_by,
  expiresAt: row.expires_at?.toISOString() ?? null,
  revokedAt: row.revoked_at?.toISOString() ?? null,
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
})

export async function findApiKey(connection: Connection, range: KeyRange, id: string): Promise<ApiKey | undefined> {
  const row = await selectKeys(connection, range).where('api_keys.id', '=', id).executeTakeFirst()
  return row && toApiKey(row)
}

export async function listApiKeys(
  connection: Connection,
  range: KeyRange,
  { before, limit }: { before: string | undefined; limit: number },
): Promise<ApiKey[]> {
  let query = selectKeys(connection, range).orderBy('api_keys.id', 'desc').limit(limit)
  if (before) query = query.where('api_keys.id', '<', before)
  return (await query.execute()).map(toApiKey)
}

/** Told of each key that is revoked, by its id. */
export const revokedChannel = 'causeway_revoked_keys'

/** @returns whether there was such a key that was not revoked yet */
export async function revokeKey(connection: Connection, organisationId: string, id: string): Promise<boolean> {
  const result = await connection
    .updateTable('api_keys')
    .set({ revoked_at: new Date() })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  await sql`select pg_notify(${revokedChannel}, ${id})`.execute(connection)
  return result.numUpdatedRows > 0n
}

export async function touchKey(connection: Connection, id: string, at: Date): Promise<void> {
  // across tenants: the id comes from a key that has just been authenticated
  await connection.updateTable('api_keys').set({ last_used_at: at }).where('id', '=', id).execute()
}
