import { CausewayError, type Right } from '@causeway/contracts'
import type { FastifyRequest } from 'fastify'
import { requireRight, type Authenticator, type Caller } from '../identity/index.ts'
import type { App } from './create-app.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who makes the request; set before the handler of every route that is not public. */
    caller: Caller
  }
  interface FastifyContextConfig {
    /** The right that the route needs. */
    right?: Right
    /** The route needs no credentials. */
    public?: true
  }
}

/** Authenticates every request and checks its right; a route that says neither `right` nor `public` does not register. */
export function authenticateRequests(app: App, authenticator: Authenticator): void {
  app.addHook('onRoute', ({ url, config }) => {
    if (url.startsWith('/v1/') && !config?.right && !config?.public) throw new Error(`the route ${url} has neither a right nor "public"`)
  })
  app.decorateRequest('caller')
  app.addHook('onRequest', async request => {
    const { right } = request.routeOptions.config
    if (request.is404 || !right) return
    request.caller = await authenticator.authenticate(request.headers)
    if (request.caller.byCookie) refuseForeignSites(request)
    requireRight(request.caller, right)
  })
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/** A cookie is sent by the browser whoever asks for it, so a change must come with a header that only the console's own script sets. */
function refuseForeignSites({ method, headers }: FastifyRequest): void {
  if (safeMethods.has(method)) return
  const site = headers['sec-fetch-site']
  const foreign = site !== undefined && site !== 'same-origin'
  if (foreign || headers['causeway-request'] !== 'console')
    throw new CausewayError('missing-credentials', 'A request by cookie must come from the console (header Causeway-Request: console).')
}
