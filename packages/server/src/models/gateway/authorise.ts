import type { IncomingMessage } from 'node:http'
import { CausewayError } from '@causeway/contracts'
import { requireRight, type Authenticator, type Caller } from '../../identity/index.ts'

/** @throws CausewayError missing-credentials, invalid-credentials, missing-right and what else authentication throws */
export async function authorise(authenticator: Authenticator, request: IncomingMessage): Promise<Caller> {
  const caller = await authenticator.authenticate(request.headers, request.url?.split('?', 1)[0])
  // A browser adds its cookie to requests that other sites make it send, and calls cost money.
  if (caller.byCookie && request.method !== 'GET')
    throw new CausewayError(
      'missing-credentials',
      'Models are called with an API key, not with a session of the console.',
    )
  requireRight(caller, 'models:call')
  return caller
}
