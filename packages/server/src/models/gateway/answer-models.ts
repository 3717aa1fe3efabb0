import { CausewayError } from '@causeway/contracts'
import { authorise } from './authorise.ts'
import type { Exchange, GatewayDependencies } from './answer-generate.ts'

interface WireModel {
  id: string
  object: 'model'
  created: number
  owned_by: string
}

// The dialect wants a date of birth, and a route has none that would mean anything.
const wireModel = (id: string): WireModel => ({ id, object: 'model', created: 0, owned_by: 'causeway' })

/**
 * GET /v1/models and GET /v1/models/{id}.
 * @param id null for the list
 * @throws CausewayError model-not-found
 */
export async function answerModels(
  { models, authenticator }: GatewayDependencies,
  { request, response, headers }: Exchange,
  id: string | null,
): Promise<void> {
  const caller = await authorise(authenticator, request)
  const names = await models.list(caller)
  if (id !== null && !names.includes(id)) throw new CausewayError('model-not-found', `There is no model "${id}".`)
  const answer = id === null ? { object: 'list', data: names.map(wireModel) } : wireModel(id)
  response.writeHead(200, { ...headers, 'content-type': 'application/json' })
  response.end(JSON.stringify(answer))
}
