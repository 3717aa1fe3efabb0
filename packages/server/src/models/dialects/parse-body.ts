import { CausewayError } from '@causeway/contracts'

/** @throws CausewayError invalid-json */
export function parseBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (error) {
    throw new CausewayError('invalid-json', 'The body cannot be parsed.', { cause: error })
  }
}
