import { CausewayError } from '@causeway/contracts'
import { callDeadline } from '../call-deadline.ts'
import type { Caller } from '../../identity/index.ts'
import type { ListOptions, ProviderBatches, ProviderFiles } from '../batches/index.ts'
import { toldDataClasses } from '../guarding/told-data-classes.ts'
import { readForm } from '../operations/form.ts'
import type { UpstreamResponse } from '../providers/transport/upstream.ts'
import type { Exchange, GatewayDependencies } from './answer-generate.ts'
import { authorise } from './authorise.ts'
import { ClientGone } from './client-gone.ts'
import { readBody } from './read-body.ts'
import { watchDeparture } from './watch-departure.ts'
import { writeSlowly } from './write-slowly.ts'

/** A request about the files and batches at providers. */
export interface FilesAddress {
  answer: Answer
  id: string
  query: URLSearchParams
}

interface Asked extends Exchange {
  files: ProviderFiles
  batches: ProviderBatches
  caller: Caller
  id: string
  query: URLSearchParams
  signal: AbortSignal
}

/** Gives back the JSON to send, or has sent the answer itself. */
type Answer = (asked: Asked) => Promise<Buffer | string | undefined>

/** Bytes of an upload. */
const uploadLimit = 64 * 1024 * 1024
const batchLimit = 64 * 1024

const answers: Readonly<Record<string, Answer>> = {
  'POST files': async ({ files, caller, request, signal }) => {
    const body = await readBody(request, uploadLimit, /multipart\/form-data/i)
    const form = await readForm(body, request.headers['content-type'] ?? '')
    const [provider] = [request.headers['causeway-provider']].flat()
    return files.upload(caller, { form, provider, dataClasses: toldDataClasses(request.headers) }, signal)
  },
  'GET files': async ({ files, caller, query }) => {
    const options = listOptions(query, 10_000)
    return listOf(await files.list(caller, { ...options, limit: options.limit + 1 }), options)
  },
  'GET files/id': ({ files, caller, id, signal }) => files.get(caller, id, signal),
  'DELETE files/id': ({ files, caller, id, signal }) => files.delete(caller, id, signal),
  'GET files/id/content': async ({ files, caller, id, signal, response, headers }) => {
    await sendContent(await files.content(caller, id, signal), response, headers)
    return undefined
  },
  'POST batches': async ({ batches, caller, request, signal }) =>
    batches.create(caller, await readBody(request, batchLimit), signal),
  'GET batches': async ({ batches, caller, query }) => {
    const options = listOptions(query, 100)
    return listOf(await batches.list(caller, { ...options, limit: options.limit + 1 }), options)
  },
  'GET batches/id': ({ batches, caller, id, signal }) => batches.get(caller, id, signal),
  'POST batches/id/cancel': ({ batches, caller, id, signal }) => batches.cancel(caller, id, signal),
}

/** A request for /v1/files or /v1/batches; undefined for others. */
export function filesAddress(method: string | undefined, path: string, query: string): FilesAddress | undefined {
  const [, of, id, part] = /^\/v1\/(files|batches)(?:\/([^/]+)(?:\/(content|cancel))?)?$/.exec(path) ?? []
  const answer = answers[`${method} ${of}${id === undefined ? '' : '/id'}${part === undefined ? '' : `/${part}`}`]
  return answer && { answer, id: decoded(id ?? ''), query: new URLSearchParams(query) }
}

/**
 * Answers a request about files or batches with what the provider says that has them.
 * @throws CausewayError for everything that the client is to be told, ClientGone
 */
export async function answerFiles(
  { models, authenticator, files, batches }: GatewayDependencies,
  exchange: Exchange,
  { answer, id, query }: FilesAddress,
): Promise<void> {
  const { request, response, headers } = exchange
  const caller = await authorise(authenticator, request)
  if (!files || !batches) throw new CausewayError('not-found', 'There are no files here.')
  using deadline = callDeadline(models.deadlines.totalMs)
  using _ = watchDeparture(response, () => deadline.abort(new ClientGone()))
  const json = await answer({ ...exchange, files, batches, caller, id, query, signal: deadline.signal })
  if (json === undefined) return
  response.writeHead(200, { ...headers, 'content-type': 'application/json' })
  response.end(json)
}

async function sendContent(
  { status, headers: told, body }: UpstreamResponse,
  response: Exchange['response'],
  headers: Exchange['headers'],
): Promise<void> {
  try {
    response.writeHead(status, {
      ...headers,
      'content-type': told['content-type'] ?? 'application/octet-stream',
      ...(told['content-length'] !== undefined && { 'content-length': told['content-length'] }),
    })
    for await (const chunk of body) await writeSlowly(response, chunk)
    response.end()
  } catch (error) {
    // Whoever reads must not take a part for the whole.
    response.destroy()
    throw error
  }
}

/** @throws CausewayError invalid-request */
function listOptions(query: URLSearchParams, most: number): ListOptions {
  const limit = Number(query.get('limit') ?? 20)
  if (!Number.isInteger(limit) || limit < 1 || limit > most)
    throw new CausewayError('invalid-request', `The limit is not from 1 to ${most}.`, {
      problems: [{ pointer: '/limit', message: `expected a whole number from 1 to ${most}` }],
    })
  return {
    limit,
    after: query.get('after')?.replaceAll('\0', '') ?? undefined,
    ascending: query.get('order') === 'asc',
    purpose: query.get('purpose')?.replaceAll('\0', '') ?? undefined,
  }
}

/** A page in the form of OpenAI's lists; one more than the limit tells that there is another. */
function listOf(objects: readonly string[], { limit }: ListOptions): string {
  const page = objects.slice(0, limit)
  const ids = page.map(object => (JSON.parse(object) as { id: string }).id)
  const end = JSON.stringify({
    first_id: ids.at(0) ?? null,
    last_id: ids.at(-1) ?? null,
    has_more: objects.length > limit,
  })
  return `{"object":"list","data":[${page.join(',')}],${end.slice(1)}`
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
