import { CausewayError } from '@causeway/contracts'
import type { StoredResponses } from '../responses/index.ts'
import { authorise } from './authorise.ts'
import type { Exchange, GatewayDependencies } from './answer-generate.ts'

/** What is asked of a response that is kept here. */
export interface StoredResponseAddress {
  id: string
  action: 'get' | 'delete' | 'input-items'
  query: URLSearchParams
}

/** A request for GET or DELETE /v1/responses/{id}, or GET /v1/responses/{id}/input_items; undefined for others. */
export function storedResponseAddress(
  method: string | undefined,
  path: string,
  query: string,
): StoredResponseAddress | undefined {
  const [, id, items] = /^\/v1\/responses\/([^/]+)(\/input_items)?$/.exec(path) ?? []
  if (id === undefined || (method !== 'GET' && (method !== 'DELETE' || items))) return undefined
  const action = items ? 'input-items' : method === 'GET' ? 'get' : 'delete'
  return { id: decoded(id), action, query: new URLSearchParams(query) }
}

/**
 * Answers what is asked of a stored response. Another tenant's is not found.
 * @throws CausewayError not-found, invalid-request
 */
export async function answerStoredResponse(
  { authenticator, storedResponses }: GatewayDependencies,
  { request, response, headers }: Exchange,
  { id, action, query }: StoredResponseAddress,
): Promise<void> {
  const caller = await authorise(authenticator, request)
  if (!storedResponses) throw new CausewayError('not-found', `There is no stored response "${id}".`)
  const send = (json: string): void => {
    response.writeHead(200, { ...headers, 'content-type': 'application/json' })
    response.end(json)
  }
  switch (action) {
    case 'get':
      if (query.get('stream') === 'true')
        throw new CausewayError('invalid-request', 'A stored response is not streamed again; leave "stream" out.')
      return send(await storedResponses.get(caller, id))
    case 'delete':
      await storedResponses.delete(caller, id)
      return send(JSON.stringify({ id, object: 'response', deleted: true }))
    case 'input-items':
      return send(JSON.stringify(pageOf(await storedResponses.inputItems(caller, id), query)))
  }
}

type Item = Awaited<ReturnType<StoredResponses['inputItems']>>[number]

/** A page in the form of OpenAI's lists, the newest first unless asked otherwise. @throws CausewayError invalid-request */
function pageOf(items: readonly Item[], query: URLSearchParams) {
  const limit = Number(query.get('limit') ?? 20)
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    throw new CausewayError('invalid-request', 'The limit is not from 1 to 100.', {
      problems: [{ pointer: '/limit', message: 'expected a whole number from 1 to 100' }],
    })
  const ordered = query.get('order') === 'asc' ? items : items.toReversed()
  const after = query.get('after')
  const from = after === null ? 0 : ordered.findIndex(item => item.id === after) + 1
  const data = ordered.slice(from, from + limit)
  return {
    object: 'list',
    data,
    first_id: data.at(0)?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: from + limit < ordered.length,
  }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
