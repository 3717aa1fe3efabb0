import { CausewayError, ModelCall, ModelCallPage, ModelCallQuery } from '@causeway/contracts'
import * as z from 'zod'
import type { Database } from '../../database/index.ts'
import { decodeCursor, encodeCursor, pageFrom, type App } from '../../http/index.ts'
import { findCall, listCalls, type CallPlace } from './call-list-store.ts'

const params = z.object({ id: z.string().max(100) })
const tags = ['model calls']

/** Calls of models: list and read. */
export function modelCallRoutes(app: App, { database }: { database: Database }): void {
  app.get(
    '/v1/model-calls',
    {
      config: { right: 'runs:read' },
      schema: {
        tags,
        summary: 'List the requests to the model gateway, newest first',
        querystring: ModelCallQuery,
        response: { 200: ModelCallPage },
      },
    },
    async ({ caller, query: { cursor, limit, ...filters } }) => {
      const before = cursor ? placeIn(cursor) : undefined
      const calls = await listCalls(database.kysely, caller, filters, { before, limit: limit + 1 })
      return pageFrom(calls, limit, encodeCursor, ({ startedAt, id }) => `${startedAt} ${id}`)
    },
  )

  app.get(
    '/v1/model-calls/:id',
    {
      config: { right: 'runs:read' },
      schema: {
        tags,
        summary: 'Read one request to the model gateway: attempts, route, cost and why it was refused',
        params,
        response: { 200: ModelCall },
      },
    },
    async ({ caller, params: { id } }) => {
      const call = await findCall(database.kysely, caller, id)
      if (!call) throw new CausewayError('not-found', `There is no model call ${id} here.`)
      return call
    },
  )
}

function placeIn(cursor: string): CallPlace {
  const [instant = '', id = ''] = decodeCursor(cursor).split(' ')
  const startedAt = new Date(instant)
  if (Number.isNaN(startedAt.getTime()) || !id)
    throw new CausewayError('invalid-cursor', `"${cursor.slice(0, 40)}" is not a cursor of the model calls.`)
  return { startedAt, id }
}
