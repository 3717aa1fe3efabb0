import {
  ApiKey,
  ApiKeyPage,
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
import { createApiKey, environmentsSeenBy, keysSeenBy, revokeApiKey } from './api-keys.ts'
import type { KeyAuthenticator } from './authenticate.ts'
import { readSessionCookie, writeSessionCookie } from './credential.ts'
import { listApiKeys } from './key-store.ts'
import { createTeam, createUser } from './members.ts'
import { oauthRoutes } from './oauth-routes.ts'
import type { OAuthTokens } from './oauth-tokens.ts'
import { projectRoutes } from './project-routes.ts'
import { listTeams, listUsers } from './organisation-store.ts'
import type { SignIn } from './sign-in.ts'

interface Dependencies {
  database: Database
  audit: Audit
  authenticator: KeyAuthenticator
  signIn: SignIn
}

interface IdentityRouteDependencies extends Dependencies {
  oauth: OAuthTokens | undefined
  baseUrl: () => string
}

/** Who is who: the caller, environments, teams, users, API keys, and signing in to the console. */
export function identityRoutes(app: App, { oauth, baseUrl, ...dependencies }: IdentityRouteDependencies): void {
  oauthRoutes(app, { ...dependencies, oauth, baseUrl })
  meRoutes(app, dependencies)
  memberRoutes(app, dependencies)
  projectRoutes(app, dependencies)
  keyRoutes(app, dependencies)
  signInRoutes(app, dependencies)
}

function meRoutes(app: App, { database }: Dependencies): void {
  const tags = ['identity']
  app.get(
    '/v1/me',
    { config: { anyCaller: true }, schema: { tags, summary: 'Read who you are', response: { 200: Me } } },
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
      config: { anyCaller: true },
      schema: { tags, summary: 'List the environments', response: { 200: EnvironmentPage } },
    },
    async ({ caller }) => ({ data: await environmentsSeenBy(database.kysely, caller), nextCursor: null }),
  )
}

function memberRoutes(app: App, dependencies: Dependencies): void {
  const { database } = dependencies
  const tags = ['members']
  app.get(
    '/v1/teams',
    {
      config: { right: 'members:read' },
      schema: { tags, summary: 'List teams', querystring: PageQuery, response: { 200: TeamPage } },
    },
    async ({ caller: { organisationId }, query: { cursor, limit } }) => {
      const range = { before: cursor && decodeCursor(cursor), limit: limit + 1 }
      return pageFrom(await listTeams(database.kysely, organisationId, range), limit, encodeCursor)
    },
  )
  app.post(
    '/v1/teams',
    {
      config: { right: 'members:write' },
      schema: { tags, summary: 'Create a team', body: CreateTeam, response: { 201: Team } },
    },
    async ({ caller, body }, reply) => reply.code(201).send(await createTeam(dependencies, caller, body)),
  )
  app.get(
    '/v1/users',
    {
      config: { right: 'members:read' },
      schema: { tags, summary: 'List users', querystring: PageQuery, response: { 200: UserPage } },
    },
    async ({ caller: { organisationId }, query: { cursor, limit } }) => {
      const range = { before: cursor && decodeCursor(cursor), limit: limit + 1 }
      return pageFrom(await listUsers(database.kysely, organisationId, range), limit, encodeCursor)
    },
  )
  app.post(
    '/v1/users',
    {
      config: { right: 'members:write' },
      schema: { tags, summary: 'Create a user', body: CreateUser, response: { 201: User } },
    },
    async ({ caller, body }, reply) => reply.code(201).send(await createUser(dependencies, caller, body)),
  )
}

function keyRoutes(app: App, dependencies: Dependencies): void {
  const { database } = dependencies
  const tags = ['api-keys']
  app.get(
    '/v1/api-keys',
    {
      config: { right: 'keys:read' },
      schema: { tags, summary: 'List API keys', querystring: PageQuery, response: { 200: ApiKeyPage } },
    },
    async ({ caller, query: { cursor, limit } }) => {
      const range = { before: cursor && decodeCursor(cursor), limit: limit + 1 }
      return pageFrom(await listApiKeys(database.kysely, keysSeenBy(caller), range), limit, encodeCursor)
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
        summary: 'Revoke an API key for good: its requests are refused, and its runs end',
        params: z.object({ id: z.string().max(100) }),
        response: { 200: ApiKey },
      },
    },
    async ({ caller, params: { id } }) => revokeApiKey(dependencies, caller, id),
  )
}

function signInRoutes(app: App, { authenticator, signIn }: Dependencies): void {
  const tags = ['console']
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
    async ({ body, ip, protocol }, reply) => {
      const { session, maxAgeSeconds } = await signIn.signIn(body.key, ip)
      const cookie = writeSessionCookie({ session, maxAgeSeconds, secure: protocol === 'https' })
      return reply.code(204).header('set-cookie', cookie).send(null)
    },
  )
  app.post(
    '/v1/auth/sign-out',
    {
      config: { public: true },
      schema: { tags, summary: 'Sign out of the console', response: { 204: z.null() } },
    },
    async ({ headers, protocol }, reply) => {
      const session = readSessionCookie(headers)
      if (session) await signIn.signOut(session)
      authenticator.forget()
      const cookie = writeSessionCookie({ session: '', maxAgeSeconds: 0, secure: protocol === 'https' })
      return reply.code(204).header('set-cookie', cookie).send(null)
    },
  )
}
