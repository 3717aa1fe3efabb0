import type { IncomingHttpHeaders } from 'node:http'
import { CausewayError } from '@causeway/contracts'
import { isJwt } from './oauth-tokens.ts'

/** Name of the cookie of a console session. */
export const sessionCookie = 'causeway_session'

interface Credential {
  secret: string
  /** Whether it is the cookie of a console session, which a browser sends unasked. */
  byCookie: boolean
}

/** Where the official clients of Anthropic, Google and Azure put their key. */
const apiKeyHeaders = ['x-api-key', 'x-goog-api-key', 'api-key'] as const

/** A credential as this server makes them; anything else needs no look at the database. */
const wellFormed = /^cws?_[\w-]{22,100}$/

/**
 * The credential of a request: `Authorization: Bearer`, the header of an official client, or the cookie of a console session, in this order.
 * @param options whether access tokens are taken too
 * @throws CausewayError missing-credentials, invalid-credentials
 */
export function credentialOf(headers: IncomingHttpHeaders, { tokens = false } = {}): Credential {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  const key =
    bearer ?? apiKeyHeaders.map(name => headers[name]).find(value => typeof value === 'string' && value !== '')
  const cookie = key === undefined ? readSessionCookie(headers) : undefined
  const secret = typeof key === 'string' ? key : cookie
  if (secret === undefined) throw new CausewayError('missing-credentials', 'The request has no Authorization header.')
  if (!wellFormed.test(secret) && !(tokens && isJwt(secret)))
    throw new CausewayError('invalid-credentials', 'That is not an API key of Causeway.')
  return { secret, byCookie: key === undefined }
}

/** The console session that the request names. */
export function readSessionCookie(headers: IncomingHttpHeaders): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map(pair => pair.trim().split('='))
  return pairs.find(([name]) => name === sessionCookie)?.[1]
}

/** The `Set-Cookie` value that keeps a session in the browser, or takes it away again with an age of 0. */
export const writeSessionCookie = ({
  session,
  maxAgeSeconds,
  secure,
}: {
  session: string
  maxAgeSeconds: number
  secure: boolean
}): string =>
  `${sessionCookie}=${session}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}${secure ? '; Secure' : ''}`
