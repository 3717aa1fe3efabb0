import { createHash } from 'node:crypto'
import { elementsOf, scanObject } from '../dialects/json-scan.ts'

/** Where the dialects have what is said before a conversation, and the conversation. */
const wanted: ReadonlySet<string> = new Set([
  'system',
  'systemInstruction',
  'instructions',
  'messages',
  'contents',
  'input',
])
/** Messages that may stand before the first of the user. */
const looked = 8
const user = Buffer.from('"user"')

/** A name for a conversation: a hash of how it begins, up to the first message of the user, which later turns repeat. */
export function conversationOf(body: Buffer): string {
  const hash = createHash('sha256')
  for (const { key, start, end } of scanObject(body, wanted).members) {
    hash.update(key)
    const elements = elementsOf(body, { start, end }, looked)
    const first = elements.findIndex(element => body.subarray(element.start, element.end).includes(user))
    hash.update(body.subarray(start, elements[first]?.end ?? end))
  }
  return hash.digest('base64')
}
