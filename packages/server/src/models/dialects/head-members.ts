import { CausewayError } from '@causeway/contracts'
import type { Member } from './json-scan.ts'

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** The value of a member that was found by a scan. @throws CausewayError invalid-json */
export function parseMember(body: Buffer, { start, end }: Member): unknown {
  try {
    return JSON.parse(body.toString('utf8', start, end))
  } catch (error) {
    throw new CausewayError('invalid-json', `The body cannot be parsed at byte ${start}.`, { cause: error })
  }
}

/** Characters. A Provider and a model at it have fewer. */
const longestName = 300

/** @throws CausewayError invalid-request */
export function requireModel(model: unknown): string {
  if (typeof model === 'string' && model !== '' && model.length <= longestName) return model
  throw new CausewayError('invalid-request', 'The request names no model that could be one.', {
    problems: [{ pointer: '/model', message: 'expected the name of a route, or provider/model' }],
  })
}
