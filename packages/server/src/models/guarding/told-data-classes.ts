import type { IncomingHttpHeaders } from 'node:http'
import { CausewayError, Name } from '@causeway/contracts'

const atMost = 20

/**
 * What a client says in the header `causeway-data-classes` that its data is.
 * @throws CausewayError invalid-request
 */
export function toldDataClasses({ 'causeway-data-classes': given }: IncomingHttpHeaders): string[] {
  if (given === undefined) return []
  const names = [given].flat().flatMap(each => each.split(',').map(name => name.trim()))
  if (names.length > atMost || names.some(name => !Name.safeParse(name).success))
    throw new CausewayError(
      'invalid-request',
      `The header causeway-data-classes must have at most ${atMost} names of lower-case words joined by hyphens, with commas between them.`,
    )
  return names
}
