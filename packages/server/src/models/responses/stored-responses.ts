import { CausewayError } from '@causeway/contracts'
import type { Database } from '../../database/index.ts'
import type { Caller } from '../../identity/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import { isRecord } from '../dialects/head-members.ts'
import { scanObject } from '../dialects/json-scan.ts'
import { splice, type Edit } from '../dialects/json-splice.ts'
import { ownerOf, type Owner } from '../owner.ts'
import { replayable } from './replayable.ts'
import { readSentResponse } from './sent-response.ts'
import {
  deleteOverdueResponses,
  deleteResponse,
  findByItems,
  findChain,
  findResponse,
  insertResponse,
  prolongResponses,
  type StoredResponse,
} from './store.ts'
import { readStoredInput, referenceIn, refersToStored, type StoredInput } from './stored-input.ts'

/** How long a response is kept after it was made or a conversation went on with it. */
const keptMs = 30 * 24 * 60 * 60 * 1000

const limits = {
  /** Characters of one response with its own input. What is larger is not kept. */
  stored: 8_000_000,
  /** Characters of a conversation that is put together again, and responses in it. */
  conversation: 20_000_000,
  depth: 1000,
  references: 1000,
}

/** A request with all that it refers to. */
export interface ResolvedRequest {
  /** The client's own bytes where it refers to nothing that is stored. */
  body: Buffer
  /** Fields that the answer repeats otherwise than the body has them. */
  repeated: Record<string, unknown>
  /**
   * Keeps the answer, if the client wants that. Told the whole answer, or the last events of a stream, before they are
   * sent, so that the next request finds it. Does not throw: an answer is worth more than its copy.
   */
  keep(sent: Buffer | string): Promise<void>
}

export interface StoredResponses {
  /** @throws CausewayError not-found, payload-too-large, invalid-json, invalid-request */
  resolve(caller: Caller, body: Buffer): Promise<ResolvedRequest>
  /** A response as JSON. @throws CausewayError not-found */
  get(caller: Caller, id: string): Promise<string>
  /** The items that the request of a response brought, the oldest first, each with an id. @throws CausewayError not-found */
  inputItems(caller: Caller, id: string): Promise<(Record<string, unknown> & { id: string })[]>
  /** @throws CausewayError not-found */
  delete(caller: Caller, id: string): Promise<void>
  /** Removes responses of all tenants whose time has run out. */
  expire(): Promise<void>
}

/** Responses that are kept here, so that a conversation can go on with any provider. */
export function createStoredResponses({ database, logger }: { database: Database; logger: Logger }): StoredResponses {
  const { kysely } = database

  const earlierItems = async (owner: Owner, { previousId, route }: StoredInput): Promise<unknown[]> => {
    if (previousId === null) return []
    if (!isPossible(previousId)) throw missing('There is no such stored response.', '/previous_response_id')
    const chain = await findChain(kysely, owner, previousId, {
      depth: limits.depth,
      characters: limits.conversation,
    })
    requireWhole(chain, previousId)
    await prolongResponses(
      kysely,
      owner,
      chain.map(({ id }) => id),
      expiry(),
    )
    return chain.flatMap(each => [...itemsIn(each.input), ...outputOf(each, route)])
  }

  const referred = async (owner: Owner, { items, route }: StoredInput): Promise<unknown[]> => {
    const ids = items.flatMap(item => referenceIn(item) ?? [])
    if (ids.length === 0) return items
    if (ids.length > limits.references)
      throw new CausewayError('payload-too-large', `The input refers to more than ${limits.references} items.`)
    const found = await findByItems(kysely, owner, ids.filter(isPossible))
    const known = new Map(found.flatMap(each => itemsOf(each).map(item => [idOf(item), item] as const)))
    return items.flatMap((item, index) => {
      const id = referenceIn(item)
      if (id === undefined) return [item]
      if (!known.has(id)) throw missing(`There is no stored item "${id}".`, `/input/${index}`)
      const again = replayable(
        known.get(id),
        found.some(each => each.route === route && itemsOf(each).some(own => idOf(own) === id)),
      )
      return again === undefined ? [] : [again]
    })
  }

  const keep = async (owner: Owner, input: StoredInput, items: unknown[], sent: Buffer | string) => {
    const response = readSentResponse(sent)
    if (!response) return
    const json = JSON.stringify(items)
    if (json.length + response.json.length > limits.stored) {
      logger.warn({ response: response.id }, 'a response is too large to be stored')
      return
    }
    await insertResponse(kysely, owner, {
      id: response.id,
      route: input.route,
      previousId: input.previousId,
      input: json,
      response: response.json,
      itemIds: response.output
        .flatMap(item => idOf(item) ?? [])
        .filter(isPossible)
        .slice(0, limits.references),
      expiresAt: expiry(),
    })
  }

  const find = async (caller: Caller, id: string): Promise<StoredResponse> => {
    const found = isPossible(id) ? await findResponse(kysely, ownerOf(caller), id) : undefined
    if (!found) throw missing(`There is no stored response "${id}".`)
    return found
  }

  return {
    async resolve(caller, body) {
      const owner = ownerOf(caller)
      const refers = refersToStored(body)
      const input = refers ? readStoredInput(body) : undefined
      const own = input && (await referred(owner, input))
      const earlier = input ? await earlierItems(owner, input) : []
      return {
        body: own ? withInput(body, [...earlier, ...own]) : body,
        repeated: input?.previousId ? { previous_response_id: input.previousId } : {},
        async keep(sent) {
          try {
            const read = input ?? readStoredInput(body)
            if (read.store) await keep(owner, read, own ?? read.items, sent)
          } catch (error) {
            logger.error({ err: error }, 'a response could not be stored')
          }
        },
      }
    },
    get: async (caller, id) => (await find(caller, id)).response,
    async inputItems(caller, id) {
      const { input } = await find(caller, id)
      return itemsIn(input).flatMap((item, index) =>
        isRecord(item) ? [{ ...item, id: idOf(item) ?? `item_${id.replace(/^\w+?_/, '')}_${index}` }] : [],
      )
    },
    async delete(caller, id) {
      if (!isPossible(id) || !(await deleteResponse(kysely, ownerOf(caller), id)))
        throw missing(`There is no stored response "${id}".`)
    },
    expire: () => deleteOverdueResponses(kysely, 1000),
  }
}

const expiry = (): Date => new Date(Date.now() + keptMs)

/** Whether an id could be one: the database takes no NUL, and none is that long. */
const isPossible = (id: string): boolean => id.length <= 512 && !id.includes('\0')

const missing = (detail: string, pointer?: string): CausewayError =>
  new CausewayError('not-found', detail, pointer ? { problems: [{ pointer, message: 'not found' }] } : {})

/** @throws CausewayError not-found, payload-too-large */
function requireWhole(chain: readonly StoredResponse[], id: string): void {
  const [oldest] = chain
  if (!oldest) throw missing(`There is no stored response "${id}".`, '/previous_response_id')
  if (oldest.previousId === null) return
  const characters = chain.reduce((sum, { input, response }) => sum + input.length + response.length, 0)
  if (characters >= limits.conversation || chain.length >= limits.depth)
    throw new CausewayError('payload-too-large', 'The conversation has become too long to be continued by an id.')
  throw missing(`The response "${oldest.previousId}" of this conversation is gone.`, '/previous_response_id')
}

const itemsIn = (json: string): unknown[] => {
  const items: unknown = JSON.parse(json)
  return Array.isArray(items) ? items : []
}
const itemsOf = ({ response }: StoredResponse): unknown[] => {
  const { output }: { output?: unknown } = JSON.parse(response)
  return Array.isArray(output) ? output : []
}
const outputOf = (stored: StoredResponse, route: string): unknown[] =>
  itemsOf(stored).flatMap(item => {
    const again = replayable(item, stored.route === route)
    return again === undefined ? [] : [again]
  })
const idOf = (item: unknown): string | undefined =>
  isRecord(item) && typeof item['id'] === 'string' ? item['id'] : undefined

/** The body with another input and without the id that this stands for; all other bytes stay. */
function withInput(body: Buffer, items: readonly unknown[]): Buffer {
  const { members, inside } = scanObject(body, new Set(['input', 'previous_response_id']))
  const text = JSON.stringify(items)
  const edits: Edit[] = members.map(({ key, start, end }) => ({ start, end, text: key === 'input' ? text : 'null' }))
  if (!members.some(({ key }) => key === 'input')) edits.push({ start: inside, end: inside, text: `"input":${text},` })
  return splice(body, edits)
}
