import { CausewayError } from '@causeway/contracts'
import { isRecord } from '../dialects/head-members.ts'
import { parseBody } from '../dialects/parse-body.ts'

/** What a request says about stored responses. */
export interface StoredInput {
  /** The items that the request itself brings. */
  items: unknown[]
  previousId: string | null
  store: boolean
  route: string
}

/** @throws CausewayError invalid-json, invalid-request */
export function readStoredInput(body: Buffer): StoredInput {
  const request = parseBody(body)
  if (!isRecord(request)) throw new CausewayError('invalid-request', 'The body is no object.')
  const { input, previous_response_id: previous, store, model } = request
  return {
    items: typeof input === 'string' ? [messageOf(input)] : Array.isArray(input) ? input : [],
    previousId: typeof previous === 'string' && previous !== '' ? previous : null,
    store: store !== false,
    route: typeof model === 'string' ? model : '',
  }
}

const messageOf = (text: string) => ({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] })

/** The id of an item that stands for another; `type` may be left out of it. */
export const referenceIn = (item: unknown): string | undefined => {
  if (!isRecord(item) || typeof item['id'] !== 'string') return undefined
  const { type, role } = item
  return type === 'item_reference' || ((type === undefined || type === null) && role === undefined)
    ? item['id']
    : undefined
}

const references = Buffer.from('"item_reference"')
const previous = /"previous_response_id"\s*:\s*"/

/** Whether a request may refer to something stored. Looks at the bytes, so that most requests are not parsed. */
export const refersToStored = (body: Buffer): boolean =>
  body.includes(references) || (body.includes('"previous_response_id"') && previous.test(body.toString('latin1')))
