import type { IncomingHttpHeaders } from 'node:http'
import { CausewayError } from '@causeway/contracts'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

interface CookieRequest {
  method: string
  headers: IncomingHttpHeaders
  /** Host and port under which the caller reached the server. */
  host: string
}

/**
 * Refuses a change that a page of another site may have caused: a browser sends the cookie whoever asks for it.
 * @throws CausewayError cross-site-request
 */
export function refuseOtherSites({ method, headers, host }: CookieRequest): void {
  if (safeMethods.has(method)) return
  const { 'sec-fetch-site': site, origin } = headers
  const sameSite = site === undefined ? origin === undefined || originHost(origin) === host : site === 'same-origin'
  if (!sameSite)
    throw new CausewayError(
      'cross-site-request',
      `The request comes from ${origin ?? `a page that is ${String(site)}`}.`,
    )
}

/**
 * A request by cookie must also carry something that a form or a link cannot send, for browsers that say nothing of its origin.
 * @throws CausewayError cross-site-request
 */
export function requireConsole(request: CookieRequest): void {
  refuseOtherSites(request)
  if (safeMethods.has(request.method) || request.headers['causeway-request'] === 'console') return
  const json = request.headers['content-type']?.startsWith('application/json') ?? false
  const saysWhence = request.headers['sec-fetch-site'] !== undefined || request.headers.origin !== undefined
  if (!json || !saysWhence)
    throw new CausewayError('cross-site-request', 'A change by cookie needs the header Causeway-Request: console.')
}

function originHost(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
