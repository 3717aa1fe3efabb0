import { join } from 'node:path'
import { CausewayError, rightsOfRole } from '@causeway/contracts'
import { pino, type Logger } from 'pino'
import { Counter, Histogram, Registry } from 'prom-client'
import { createApp, type App, type AppOptions, type Caller } from '../index.ts'

/** Callers of the test, by the text of their Authorization header. */
export const callerOf = (changes: Partial<Caller> = {}): Caller => ({
  organisationId: 'org',
  environmentId: 'env',
  environment: 'dev',
  actor: 'user:admin',
  role: 'admin',
  rights: new Set(rightsOfRole.admin),
  keyId: 'key',
  boundToEnvironment: false,
  everywhere: true,
  userId: null,
  teamId: null,
  team: null,
  byCookie: false,
  ...changes,
})

const callers: Readonly<Record<string, Caller>> = {
  'Bearer admin': callerOf(),
  'Bearer viewer': callerOf({ actor: 'user:viewer', role: 'viewer', rights: new Set(rightsOfRole.viewer) }),
}

interface RunningApp extends AsyncDisposable {
  app: App
  url: string
  /** Sends a request as the admin, unless its headers say otherwise. */
  request(
    path: string,
    options?: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> },
  ): Promise<Response>
}

/** The API server on a loopback port with the routes of a test. */
export async function startApp(routes: (app: App) => void, options: Partial<AppOptions> = {}): Promise<RunningApp> {
  const registry = new Registry()
  const app = await createApp({
    authenticator: {
      async authenticate({ authorization, cookie }) {
        if (cookie) return callerOf({ byCookie: true })
        const caller = callers[authorization ?? '']
        if (!caller) throw new CausewayError('missing-credentials', 'The request has no Authorization header.')
        return caller
      },
    },
    logger: silent(),
    metrics: {
      registry,
      httpRequests: new Counter({
        name: 'causeway_http_requests_total',
        help: 'requests',
        labelNames: ['method', 'route', 'status'],
        registers: [registry],
      }),
      httpDuration: new Histogram({
        name: 'seconds',
        help: 'time',
        labelNames: ['method', 'route'],
        registers: [registry],
      }),
    },
    redact: text => text.replaceAll('hunter2', '[secret]'),
    version: '1.2.3',
    consoleFolder: join(import.meta.dirname, 'no-console'),
    checks: [],
    handleModelRequest: () => false,
    routes,
    ...options,
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    app,
    url,
    request: (path, init = {}) =>
      fetch(`${url}${path}`, { ...init, headers: { authorization: 'Bearer admin', ...init.headers } }),
    [Symbol.asyncDispose]: () => app.close(),
  }
}

const silent = (): Logger => pino({ level: 'silent' })
