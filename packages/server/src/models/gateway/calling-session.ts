import type { IncomingHttpHeaders } from 'node:http'
import type { Caller } from '../../identity/index.ts'
import type { CallingSession, ModelPorts } from '../ports.ts'

/** The session that a client names in the header `causeway-session`. @throws CausewayError not-found, conflict, missing-right */
export async function callingSession(
  ports: Pick<ModelPorts, 'callingSession'>,
  caller: Caller,
  { 'causeway-session': id }: IncomingHttpHeaders,
): Promise<CallingSession | undefined> {
  return typeof id === 'string' && id !== '' ? ports.callingSession(caller, id) : undefined
}
