import {
  ApiKey,
  ApiKeyPage,
  CausewayError,
  CreateApiKey,
  CreatedApiKey,
  CreateTeam,
  CreateUser,
  EnvironmentPage,
  Me,
  PageQuery,
  SignIn as SignInRequest,
  Team,
  TeamPage,
  User,
  UserPage,
} from '@causeway/contracts'
import * as z from 'zod'
import type { Audit } from '../audit/index.ts'
import type { Database } from '../database/index.ts'
import { decodeCursor, encodeCursor, pageFrom, type App } from '../http/index.ts'
import { createApiKey, revokeApiKey } from './api-keys.ts'
import { readSessionCookie, sessionCookie, type KeyAuthenticator } from './authenticate.ts'
import { listApiKeys } from './key-store.ts'
import { insertTeam, insertUser, listEnvironments, listTeams, listUsers } from './organisation-store.ts'
import type { SignIn } from './sign-in.ts'

interface Dependencies {
  database: Database
  audit: Audit
  authenticator: KeyAuthenticator
  signIn: SignIn
}

/** Who is who: the caller, environments, teams, users, API keys, and signing in to the console. */
export function identityRoutes(app: App, dependencies: Dependencies): void {
  meRoutes(app, dependencies)
  memberRoutes(app, dependencies)
  keyRoutes(app, dependencies)
  signInRoutes(app, dependencies)
}

function meRoutes(app: App, { database }: Dependencies): void {
  const tags = ['identity']
  app.get(
    '/v1/me',
    { config: { right: 'agents:read' }, schema: { tags, summary: 'Read who you are', response: { 200: Me } } },
    async ({ caller }) => ({
      organisation: caller.organisationId,
      environment: caller.environment,
      actor: caller.actor,
      role: caller.role,
      rights: [...caller.rights],
    }),
  )

  app.get(
    '/v1/environments',
    {
      config: { right: 'agents:read' },
      schema: { tags, summary: 'List the environments', response: { 200: EnvironmentPage } },
    },
    async ({ caller }) => ({ data: await listEnvironments(database.kysely, caller.organisationId), nextCursor: null }),
  )
}

function memberRoutes(app: App, { database, audit }: Dependencies): void {
  const tags = ['members']
  app.get(
    '/v1/teams',
    {
      config: { right: 'members:read' },
      schema: { tags, summary: 'List teams', querystring: PageQuery, response: { 200: TeamPage } },
    },
    async ({ caller, query: { cursor, limit } }) =>
      pageFrom(
        await listTeams(database.kysely, caller.organisationId, {
          before: cursor && decodeCursor(cursor),
          limit: limit + 1,
        }),
        limit,
        encodeCursor,
      ),
  )
  app.post(
    '/v1/teams',
    {
      config: { right: 'members:write' },
      schema: { tags, summary: 'Create a team', body: CreateTeam, response: { 201: Team } },
    },
    async ({ caller, body }, reply) => {
      const team = await database.transaction(async transaction => {
        const created = await insertTeam(transaction, caller.organisationId, body.name).catch(
          taken(`a team ${body.name}`),
        )
        await audit.record(transaction, { ...caller, action: 'team.created', subject: created.id, detail: body })
        return created
      })
      return reply.code(201).send(team)
    },
  )
  app.get(
    '/v1/users',
    {
      config: { right: 'members:read' },
      schema: { tags, summary: 'List users', querystring: PageQuery, response: { 200: UserPage } },
    },
    async ({ caller, query: { cursor, limit } }) =>
      pageFrom(
        await listUsers(database.kysely, caller.organisationId, {
          before: cursor && decodeCursor(cursor),
          limit: limit + 1,
        }),
        limit,
        encodeCursor,
      ),
  )
  app.post(
    '/v1/users',
    {
      config: { right: 'members:write' },
      schema: { tags, summary: 'Create a user', body: CreateUser, response: { 201: User } },
    },
    async ({ caller, body }, reply) => {
      const user = await database.transaction(async transaction => {
        const { name, email, role } = body
        const created = await insertUser(transaction, caller.organisationId, {
          name,
          email: email ?? null,
          role,
        }).catch(taken(`a user ${email}`))
        await audit.record(transaction, {
          ...caller,
          action: 'user.created',
          subject: created.id,
          detail: { name, role },
        })
        return created
      })
      return reply.code(201).send(user)
    },
  )
}

function keyRoutes(app: App, dependencies: Dependencies): void {
  const tags = ['api-keys']
  app.get(
    '/v1/api-keys',
    {
      config: { right: 'keys:read' },
      schema: { tags, summary: 'List API keys', querystring: PageQuery, response: { 200: ApiKeyPage } },
    },
    async ({ caller, query: { cursor, limit } }) => {
      const range = { before: cursor && decodeCursor(cursor), limit: limit + 1 }
      return pageFrom(
        await listApiKeys(dependencies.database.kysely, caller.organisationId, range),
        limit,
        encodeCursor,
      )
    },
  )
  app.post(
    '/v1/api-keys',
    {
      config: { right: 'keys:write' },
      schema: {
        tags,
        summary: 'Create an API key; the key itself is in this answer only',
        body: CreateApiKey,
        response: { 201: CreatedApiKey },
      },
    },
    async ({ caller, body }, reply) => reply.code(201).send(await createApiKey(dependencies, caller, body)),
  )
  app.delete(
    '/v1/api-keys/:id',
    {
      config: { right: 'keys:write' },
      schema: {
        tags,
        summary: 'Revoke an API key for good',
        params: z.object({ id: z.string().max(100) }),
        response: { 200: ApiKey },
      },
    },
    async ({ caller, params: { id } }) => revokeApiKey(dependencies, caller, id),
  )
}

function signInRoutes(app: App, { database, audit, authenticator, signIn }: Dependencies): void {
  const tags = ['console']
  const cookie = (value: string, maxAgeSeconds: number, secure: boolean): string =>
    `${sessionCookie}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}${secure ? '; Secure' : ''}`

  app.post(
    '/v1/auth/sign-in',
    {
      config: { public: true },
      schema: {
        tags,
        summary: 'Sign in to the console with an API key',
        body: SignInRequest,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { session, key, maxAgeSeconds } = await signIn.signIn(request.body.key, request.ip)
      await audit.record(database.kysely, {
        organisationId: key.organisationId,
        environment: null,
        actor: `key:${key.name}`,
        action: 'console.signed-in',
        subject: key.id,
        detail: { address: request.ip },
      })
      return reply
        .code(204)
        .header('set-cookie', cookie(session, maxAgeSeconds, request.protocol === 'https'))
        .send(null)
    },
  )
  app.post(
    '/v1/auth/sign-out',
    { config: { public: true }, schema: { tags, summary: 'Sign out of the console', response: { 204: z.null() } } },
    async (request, reply) => {
      const session = readSessionCookie(request.headers)
      if (session) await signIn.signOut(session)
      authenticator.forget()
      return reply
        .code(204)
        .header('set-cookie', cookie('', 0, request.protocol === 'https'))
        .send(null)
    },
  )
}

/** A unique index says that the name is taken. */
const taken = (what: string) => (error: unknown) => {
  if (error instanceof Error && 'code' in error && error.code === '23505')
    throw new CausewayError('conflict', `There already is ${what}.`)
  throw error
}
