import type { Environment, Project, Role, Team, User } from '@causeway/contracts'
import { sql } from 'kysely'
import { v7 as uuid } from 'uuid'
import type { Connection } from '../database/index.ts'

export async function insertOrganisation(connection: Connection, name: string): Promise<string> {
  const id = `org_${uuid()}`
  await connection.insertInto('organisations').values({ id, name }).execute()
  return id
}

/** The first organisation, or undefined on an empty database. */
export async function firstOrganisation(connection: Connection): Promise<string | undefined> {
  const row = await connection
    .selectFrom('organisations')
    .select('id')
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirst()
  return row?.id
}

/** @param projectId null for those that the organisation begins with */
export async function insertEnvironment(
  connection: Connection,
  organisationId: string,
  name: string,
  projectId: string | null,
): Promise<string> {
  const id = `env_${uuid()}`
  await connection
    .insertInto('environments')
    .values({ id, organisation_id: organisationId, name, project_id: projectId })
    .execute()
  return id
}

/** An environment with whom it is for. */
export interface OwnedEnvironment extends Environment {
  /** Null where everybody may use it. */
  teamId: string | null
}

/** All environments of an organisation; see `mayUse` for who may use one. */
export async function listEnvironments(connection: Connection, organisationId: string): Promise<OwnedEnvironment[]> {
  const rows = await connection
    .selectFrom('environments')
    .leftJoin('projects', 'projects.id', 'environments.project_id')
    .select(['environments.id', 'environments.name', 'environments.created_at'])
    .select(['projects.name as project', 'projects.team_id'])
    .where('environments.organisation_id', '=', organisationId)
    .orderBy('environments.id')
    .execute()
  return rows.map(({ created_at, team_id, ...row }) => ({
    ...row,
    teamId: team_id,
    createdAt: created_at.toISOString(),
  }))
}

export async function insertProject(
  connection: Connection,
  organisationId: string,
  { name, teamId }: { name: string; teamId: string | null },
): Promise<Omit<Project, 'environments'>> {
  const id = `project_${uuid()}`
  const row = await connection
    .insertInto('projects')
    .values({ id, organisation_id: organisationId, name, team_id: teamId })
    .returning('created_at')
    .executeTakeFirstOrThrow()
  return { id, name, teamId, createdAt: row.created_at.toISOString() }
}

/** The projects of an organisation, without their environments. */
export async function listProjects(
  connection: Connection,
  organisationId: string,
): Promise<Omit<Project, 'environments'>[]> {
  const rows = await connection
    .selectFrom('projects')
    .select(['id', 'name', 'team_id', 'created_at'])
    .where('organisation_id', '=', organisationId)
    .execute()
  return rows.map(({ id, name, team_id, created_at }) => ({
    id,
    name,
    teamId: team_id,
    createdAt: created_at.toISOString(),
  }))
}

export async function insertTeam(connection: Connection, organisationId: string, name: string): Promise<Team> {
  const id = `team_${uuid()}`
  const row = await connection
    .insertInto('teams')
    .values({ id, organisation_id: organisationId, name })
    .returning('created_at')
    .executeTakeFirstOrThrow()
  return { id, name, createdAt: row.created_at.toISOString() }
}

export async function listTeams(
  connection: Connection,
  organisationId: string,
  { before, limit }: { before: string | undefined; limit: number },
): Promise<Team[]> {
  let query = connection
    .selectFrom('teams')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .orderBy('id', 'desc')
    .limit(limit)
  if (before) query = query.where('id', '<', before)
  return (await query.execute()).map(({ id, name, created_at }) => ({ id, name, createdAt: created_at.toISOString() }))
}

export async function insertUser(
  connection: Connection,
  organisationId: string,
  { name, email, role }: { name: string; email: string | null; role: Role },
): Promise<User> {
  const id = `user_${uuid()}`
  const row = await connection
    .insertInto('users')
    .values({ id, organisation_id: organisationId, name, email, role })
    .returning('created_at')
    .executeTakeFirstOrThrow()
  return { id, name, email, role, createdAt: row.created_at.toISOString() }
}

export async function listUsers(
  connection: Connection,
  organisationId: string,
  { before, limit }: { before: string | undefined; limit: number },
): Promise<User[]> {
  let query = connection
    .selectFrom('users')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .orderBy('id', 'desc')
    .limit(limit)
  if (before) query = query.where('id', '<', before)
  return (await query.execute()).map(({ id, name, email, role, created_at }) => ({
    id,
    name,
    email,
    role,
    createdAt: created_at.toISOString(),
  }))
}

/** Whether the row belongs to the organisation. */
export async function belongs(
  connection: Connection,
  table: 'teams' | 'users',
  organisationId: string,
  id: string,
): Promise<boolean> {
  const row = await connection
    .selectFrom(table)
    .select('id')
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row !== undefined
}

/** Makes changes that must not cross wait for one another, until the transaction ends. */
export async function lockOrganisation(transaction: Connection, organisationId: string): Promise<void> {
  await transaction.selectFrom('organisations').select('id').where('id', '=', organisationId).forNoKeyUpdate().execute()
}

export async function teamNameTaken(connection: Connection, organisationId: string, name: string): Promise<boolean> {
  const row = await connection
    .selectFrom('teams')
    .select('id')
    .where('organisation_id', '=', organisationId)
    .where('name', '=', name)
    .executeTakeFirst()
  return row !== undefined
}

/** Whether there is a user of that name or that address. */
export async function findUser(
  connection: Connection,
  organisationId: string,
  id: string,
): Promise<{ id: string; name: string; email: string | null } | undefined> {
  return connection
    .selectFrom('users')
    .select(['id', 'name', 'email'])
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .executeTakeFirst()
}

export async function userTaken(
  connection: Connection,
  organisationId: string,
  { name, email }: { name: string; email: string | null },
): Promise<boolean> {
  const row = await connection
    .selectFrom('users')
    .select('id')
    .where('organisation_id', '=', organisationId)
    .where(where => where.or([where('name', '=', name), ...(email === null ? [] : [where('email', '=', email)])]))
    .executeTakeFirst()
  return row !== undefined
}

/** Lets one replica at a time set an empty database up, until the transaction ends. */
export async function lockSetUp(transaction: Connection): Promise<void> {
  // Any constant; it differs from those of the migrations.
  await sql`select pg_advisory_xact_lock(7163943)`.execute(transaction)
}
