import { OfferedTools } from '@causeway/contracts'
import * as z from 'zod'
import type { App } from '../../http/index.ts'
import type { Manifests } from '../../manifests/index.ts'
import { offeredTools } from './offered-tools.ts'
import type { ToolServers } from './tool-servers.ts'

const listLimitMs = 30_000

/** What tool servers offer. */
export function toolServerRoutes(app: App, dependencies: { servers: ToolServers; manifests: Manifests }): void {
  app.get(
    '/v1/tool-servers/:name/tools',
    {
      // It speaks with the server, with its secrets.
      config: { right: 'manifests:write' },
      schema: {
        tags: ['tools'],
        summary: 'The tools that a server offers now, as manifests to review',
        params: z.object({ name: z.string().max(63) }),
        response: { 200: OfferedTools },
      },
    },
    async ({ caller, params, signal }) => {
      const inTime = AbortSignal.any([signal, AbortSignal.timeout(listLimitMs)])
      return { data: await offeredTools(dependencies, caller, params.name, inTime) }
    },
  )
}
