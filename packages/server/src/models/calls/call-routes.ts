import {
  CausewayError,
  ModelCallDetail,
  ModelCallPage,
  ModelCallQuery,
  type ModelCall,
  type PriceRates,
} from '@causeway/contracts'
import * as z from 'zod'
import type { Database, Scope } from '../../database/index.ts'
import { decodeCursor, encodeCursor, pageFrom, type App } from '../../http/index.ts'
import type { Manifests } from '../../manifests/index.ts'
import { listFeedback } from '../feedback/feedback-store.ts'
import { priceVersionOf } from '../prices/price-call.ts'
import { ratesOf } from '../prices/rates-of.ts'
import { findCall, listCalls, type CallPlace } from './call-list-store.ts'

interface ModelCallRouteDependencies {
  database: Database
  manifests: Manifests
}

const params = z.object({ id: z.string().max(100) })
const tags = ['model calls']

/** Calls of models: list and read. */
export function modelCallRoutes(app: App, { database, manifests }: ModelCallRouteDependencies): void {
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
        response: { 200: ModelCallDetail },
      },
    },
    async ({ caller, params: { id } }) => {
      const call = await findCall(database.kysely, caller, id)
      if (!call) throw new CausewayError('not-found', `There is no model call ${id} here.`)
      const feedback = await listFeedback(database.kysely, caller, id)
      return { ...call, feedback, rates: await ratesBehind(manifests, caller, call) }
    },
  )
}

/** The rates are not stored: the same version of the prices gives the same rates. */
async function ratesBehind(manifests: Manifests, scope: Scope, call: ModelCall): Promise<PriceRates | null> {
  if (call.provider === null || call.model === null) return null
  const provider = await manifests.active(scope, 'Provider', call.provider)
  if (!provider || priceVersionOf(provider.manifest.spec) !== call.priceVersion) return null
  return ratesOf(provider.manifest.spec, call.model, new Date(call.startedAt)) ?? null
}

function placeIn(cursor: string): CallPlace {
  const [instant = '', id = ''] = decodeCursor(cursor).split(' ')
  const startedAt = new Date(instant)
  if (Number.isNaN(startedAt.getTime()) || !id)
    throw new CausewayError('invalid-cursor', `"${cursor.slice(0, 40)}" is not a cursor of the model calls.`)
  return { startedAt, id }
}
