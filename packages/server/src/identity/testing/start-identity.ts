import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApiKey, AuditVerification, CreatedApiKey } from '@causeway/contracts'
import { pino } from 'pino'
import { Counter, Histogram, Registry } from 'prom-client'
import { auditRoutes, createAudit } from '../../audit/index.ts'
import { openTestDatabase, type DatabaseKind } from '../../database/testing/index.ts'
import { createApp } from '../../http/index.ts'
import { bootstrapIdentity, createAuthenticator, createSignIn, identityRoutes } from '../index.ts'

interface Sent {
  method?: string
  key?: string
  body?: unknown
  headers?: Record<string, string>
}

/** The API of identity and audit over an empty database, set up as at a first start. `advance` moves the clock, in milliseconds. */
const headKey = () => ({ id: 'test', bytes: Buffer.alloc(32) })

export async function startIdentity(kind: DatabaseKind, { trustedProxies = [] }: { trustedProxies?: string[] } = {}) {
  await using parts = new AsyncDisposableStack()
  const database = parts.use(await openTestDatabase(kind))
  const dataFolder = parts.adopt(await mkdtemp(join(tmpdir(), 'causeway-identity-')), path =>
    rm(path, { recursive: true }),
  )
  const audit = createAudit()
  let ahead = 0
  const clock = (): number => Date.now() + ahead
  await bootstrapIdentity({ database, audit, dataFolder })
  const adminKey = readFileSync(join(dataFolder, 'admin-key'), 'utf8').trim()

  let owner: AsyncDisposableStack = parts
  const replica = async () => {
    const authenticator = createAuthenticator({ database, audit, clock })
    const signIn = createSignIn({ database, audit, clock })
    const registry = new Registry()
    const app = owner.adopt(
      await createApp({
        authenticator,
        logger: pino({ level: 'silent' }),
        metrics: {
          registry,
          httpRequests: new Counter({
            name: 'requests',
            help: 'requests',
            labelNames: ['method', 'route', 'status'],
            registers: [],
          }),
          httpDuration: new Histogram({
            name: 'seconds',
            help: 'time',
            labelNames: ['method', 'route'],
            registers: [],
          }),
        },
        redact: text => text,
        version: '0.0.0',
        trustedProxies,
        consoleFolder: join(dataFolder, 'no-console'),
        checks: [],
        handleModelRequest: () => false,
        routes: each => {
          identityRoutes(each, { database, audit, authenticator, signIn, oauth: undefined, baseUrl: () => '' })
          auditRoutes(each, { database, keys: { newest: headKey, find: headKey } })
        },
      }),
      each => each.close(),
    )
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const send = (path: string, { method, key = adminKey, body, headers }: Sent = {}): Promise<Response> =>
      fetch(`${url}${path}`, {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: {
          ...(key !== '' && { authorization: `Bearer ${key}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
    return { url, send }
  }
  const { url, send } = await replica()
  const owned = parts.move()
  owner = owned
  return {
    url,
    send,
    replica,
    database,
    dataFolder,
    adminKey,
    advance: (milliseconds: number): void => void (ahead += milliseconds),
    /** The code of the problem that a request is answered with, or its status. */
    outcome: async (path: string, sent?: Sent): Promise<string | number> => {
      const response = await send(path, sent)
      return response.ok ? response.status : String(Object(await response.json()).code)
    },
    createKey: async (body: object, key?: string): Promise<CreatedApiKey> =>
      CreatedApiKey.parse(await (await send('/v1/api-keys', { body, ...(key && { key }) })).json()),
    readKeys: async (key = adminKey): Promise<ApiKey[]> =>
      ApiKey.array().parse(Object(await (await send('/v1/api-keys', { key })).json()).data),
    /** Actions in the audit log, the oldest first, and whether the chain holds. */
    auditTrail: async () => {
      const rows = await database.kysely.selectFrom('audit_log').selectAll().orderBy('sequence').execute()
      const { valid } = AuditVerification.parse(await (await send('/v1/audit/verify', { method: 'POST' })).json())
      return { rows, actions: rows.map(({ action }) => action), valid }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
