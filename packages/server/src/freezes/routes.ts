import { CausewayError, CreateFreeze, Freeze, FreezePage, FreezeQuery, LiftFreeze } from '@causeway/contracts'
import * as z from 'zod'
import type { Database } from '../database/index.ts'
import { decodeCursor, encodeCursor, pageFrom, type App } from '../http/index.ts'
import type { Freezes } from './create-freezes.ts'
import { listFreezes } from './store.ts'

const tags = ['freezes']

/** The kill switch: freeze, lift, list. */
export function freezeRoutes(app: App, { database, freezes }: { database: Database; freezes: Freezes }): void {
  app.get(
    '/v1/freezes',
    {
      config: { right: 'manifests:read' },
      schema: {
        tags,
        summary: 'List freezes, newest first',
        querystring: FreezeQuery,
        response: { 200: FreezePage },
      },
    },
    async ({ caller, query: { cursor, limit, inForce } }) => {
      const before = cursor ? decodeCursor(cursor) : undefined
      return pageFrom(
        await listFreezes(database.kysely, caller, { inForce, before, limit: limit + 1 }),
        limit,
        encodeCursor,
      )
    },
  )

  app.post(
    '/v1/freezes',
    {
      config: { right: 'freezes:write' },
      schema: {
        tags,
        summary: 'Freeze the environment, a team, an agent, a tool, a tool server, a route or a provider at once',
        body: CreateFreeze,
        response: { 200: Freeze },
      },
    },
    async ({ caller, body }) => {
      if (body.kind === 'environment' && body.name !== caller.environment)
        throw new CausewayError('invalid-request', `The key is for ${caller.environment}, and not for ${body.name}.`, {
          problems: [{ pointer: '/name', message: `expected "${caller.environment}"` }],
        })
      return freezes.freeze(caller, body)
    },
  )

  app.post(
    '/v1/freezes/:id/lift',
    {
      config: { right: 'freezes:write' },
      schema: {
        tags,
        summary: 'Lift a freeze',
        params: z.object({ id: z.string().max(100) }),
        body: LiftFreeze,
        response: { 200: Freeze },
      },
    },
    async ({ caller, params, body }) => freezes.lift(caller, params.id, body.confirm),
  )
}
