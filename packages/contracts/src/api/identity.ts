import * as z from 'zod'
import { Instant, Name } from '../names.ts'
import { pageOf } from '../paging.ts'
import { Right, Role } from '../rights.ts'

/** A boundary with its own credentials, policies and data. */
export const Environment = z.object({
  id: z.string(),
  name: z.string().describe('dev, stage or prod; in a project with its name before it, such as shop/prod'),
  project: z.string().nullable().describe('null for those that the organisation begins with'),
  createdAt: Instant,
})
export type Environment = z.infer<typeof Environment>
export const EnvironmentPage = pageOf(Environment)

/** The environments that an organisation, and each of its projects, has. */
export const stages = ['dev', 'stage', 'prod'] as const

/** Whether an environment is for trying things out, where nobody needs a second person. */
export const isDevelopment = (environment: string): boolean =>
  environment === stages[0] || environment.endsWith(`/${stages[0]}`)

/** Environments of its own for what belongs together, for everybody or for one team. */
export const Project = z.object({
  id: z.string(),
  name: z.string(),
  teamId: z
    .string()
    .nullable()
    .describe('only keys of this team, and those who may change members, use it; null for everybody'),
  environments: z.array(z.string()),
  createdAt: Instant,
})
export type Project = z.infer<typeof Project>
export const ProjectPage = pageOf(Project)
export const CreateProject = z.strictObject({
  name: Name.max(40).refine(name => !(stages as readonly string[]).includes(name), {
    message: `expected another name than those of environments (${stages.join(', ')})`,
  }),
  teamId: z.string().max(100).optional().describe('only for this team'),
})
export type CreateProject = z.infer<typeof CreateProject>

/** A group of people that owns agents, tools and keys. */
export const Team = z.object({ id: z.string(), name: z.string(), createdAt: Instant })
export type Team = z.infer<typeof Team>
export const TeamPage = pageOf(Team)
export const CreateTeam = z.strictObject({ name: Name })
export type CreateTeam = z.infer<typeof CreateTeam>

/** A person in the organisation. */
export const User = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  role: Role,
  createdAt: Instant,
})
export type User = z.infer<typeof User>
export const UserPage = pageOf(User)
export const CreateUser = z.strictObject({ name: z.string().min(1).max(200), email: z.email().optional(), role: Role })
export type CreateUser = z.infer<typeof CreateUser>

/** An API key as it can be read again: without the secret part. */
export const ApiKey = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string().describe('first characters of the key, to recognise it'),
  role: Role,
  rights: z.array(Right),
  environment: z.string().nullable().describe('null: every environment'),
  teamId: z.string().nullable(),
  userId: z.string().nullable(),
  createdAt: Instant,
  createdBy: z.string(),
  expiresAt: Instant.nullable(),
  revokedAt: Instant.nullable(),
  lastUsedAt: Instant.nullable(),
})
export type ApiKey = z.infer<typeof ApiKey>
export const ApiKeyPage = pageOf(ApiKey)

/** Request to create a key. It can have no more rights than its creator. */
export const CreateApiKey = z.strictObject({
  name: z.string().min(1).max(200),
  role: Role,
  rights: z.array(Right).min(1).optional().describe('only these rights of the role'),
  environment: z.string().max(63).optional().describe('bind the key to one environment'),
  teamId: z.string().max(100).optional(),
  userId: z.string().max(100).optional(),
  expiresInSeconds: z.number().int().min(1).max(315_360_000).optional(),
})
export type CreateApiKey = z.infer<typeof CreateApiKey>

/** A new key with its secret, which is shown this one time. */
export const CreatedApiKey = ApiKey.extend({ key: z.string() })
export type CreatedApiKey = z.infer<typeof CreatedApiKey>

/** Request to let an OAuth client act for the caller, who is a user with an address. */
export const CreateOAuthGrant = z.strictObject({
  clientId: z.string().min(1).max(150).describe('the client, as access tokens name it in client_id or azp'),
  rights: z.array(Right).min(1).optional().describe('only these of the rights of the caller'),
  environment: z.string().max(63).optional().describe('only in this environment'),
  expiresInSeconds: z.number().int().min(1).max(315_360_000).optional(),
})
export type CreateOAuthGrant = z.infer<typeof CreateOAuthGrant>

/** What a client that has no token learns of where to get one (RFC 9728). */
export const ProtectedResource = z.object({
  resource: z.string(),
  authorization_servers: z.array(z.string()),
  bearer_methods_supported: z.array(z.string()),
  resource_name: z.string(),
})
export type ProtectedResource = z.infer<typeof ProtectedResource>

/** Who the caller is. */
export const Me = z.object({
  organisation: z.string(),
  environment: z.string(),
  actor: z.string().describe('name under which the caller stands in the audit log'),
  role: Role,
  rights: z.array(Right),
})
export type Me = z.infer<typeof Me>

/** Request to sign in to the console with an API key; the answer sets a cookie. */
export const SignIn = z.strictObject({ key: z.string().min(1).max(200) })
export type SignIn = z.infer<typeof SignIn>
