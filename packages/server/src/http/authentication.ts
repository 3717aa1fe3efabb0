import type { Right } from '@causeway/contracts'
import type { FastifyRequest } from 'fastify'
import { requireRight, type Authenticator, type Caller } from './caller.ts'
import type { App } from './create-app.ts'
import { refuseOtherSites, requireConsole } from './cross-site.ts'
import { endWhenRefused } from './end-when-refused.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who makes the request; set before the handler of every route that is not public. */
    caller: Caller
  }
  interface FastifyContextConfig {
    /** The right that the route needs. */
    right?: Right
    /** Every caller may use the route. */
    anyCaller?: true
    /** The route needs no credentials. */
    public?: true
  }
}

/**
 * Authenticates every request and checks its right, before the body is read. A route that says nothing of who may use it does
 * not register, so that none is open by mistake.
 */
export function authenticateRequests(app: App, authenticator: Authenticator): void {
  app.addHook('onRoute', ({ url, config }) => {
    if (isOfApi(url) && !config?.right && !config?.anyCaller && !config?.public)
      throw new Error(`the route ${url} has neither a right nor "public"`)
  })
  app.decorateRequest('caller')
  app.addHook('onRequest', async (request, reply) => {
    if (request.is404) return
    const { right, anyCaller, public: open } = request.routeOptions.config
    if (open) refuseOtherSites(sourceOf(request))
    if (!right && !anyCaller) return
    const admit = async (): Promise<Caller> => {
      const caller = await authenticator.authenticate(request.headers, pathOf(request.url))
      if (caller.byCookie) requireConsole(sourceOf(request))
      if (right) requireRight(caller, right)
      return caller
    }
    request.caller = await admit()
    endWhenRefused(request, reply, admit)
  })
}

/** Whether an address is one of the API, which answers with JSON and asks who calls. */
export const isOfApi = (url: string): boolean => url === '/v1' || url.startsWith('/v1/')

/** An address without its query. */
export const pathOf = (url: string): string => url.split('?', 1)[0] ?? ''

const sourceOf = ({ method, headers, host }: FastifyRequest) => ({ method, headers, host })
