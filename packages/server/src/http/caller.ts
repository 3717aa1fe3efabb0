import type { IncomingHttpHeaders } from 'node:http'
import { CausewayError, type Right, type Role } from '@causeway/contracts'
import type { Scope } from '../database/index.ts'

/** Who makes a request, in which environment, with which rights. */
export interface Caller extends Scope {
  /** Name of the environment. */
  readonly environment: string
  /** Name under which the caller stands in the audit log. */
  readonly actor: string
  readonly role: Role
  readonly rights: ReadonlySet<Right>
  readonly keyId: string
  /** Whether the key works in this environment only. */
  readonly boundToEnvironment: boolean
  /** Whether the key works in all environments of the organisation. */
  readonly everywhere: boolean
  readonly userId: string | null
  readonly teamId: string | null
  /** Name of the team, by which policies know it. */
  readonly team: string | null
  /** Whether a cookie, and not a key, was the credential: such requests must prove that they come from the console. */
  readonly byCookie: boolean
}

/** Finds out who makes a request. */
export interface Authenticator {
  /**
   * @param path of the address that is asked for, without a query: access tokens may be for one address only
   * @throws CausewayError missing-credentials, invalid-credentials, environment-mismatch, unknown-environment
   */
  authenticate(headers: IncomingHttpHeaders, path?: string): Promise<Caller>
}

/** @throws CausewayError missing-right */
export function requireRight(caller: Caller, right: Right): void {
  if (!caller.rights.has(right))
    throw new CausewayError('missing-right', `${caller.actor} (${caller.role}) does not have the right ${right}.`)
}
