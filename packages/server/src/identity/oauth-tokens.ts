import { hash } from 'node:crypto'
import { CausewayError } from '@causeway/contracts'
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload } from 'jose'
import { allowInsecureRequests, discovery } from 'openid-client'

/** Who acts for whom, as an access token says. */
export interface OAuthClaims {
  /** The client that has the token. */
  clientId: string
  /** Whom it acts for: the address that a user has here. */
  person: string
}

/** Access tokens of the authorization server that the operator trusts. */
export interface OAuthTokens {
  readonly issuer: string
  /**
   * Reads a token that is used on a path of the API. It must be meant for this platform, or for that very address (RFC 8707): one that was
   * made for another service gets nowhere here.
   * @throws CausewayError invalid-credentials; not-ready while the keys of the server cannot be had
   */
  read(token: string, path: string): Promise<OAuthClaims>
}

/** Signatures with a shared secret would make whoever checks them able to make them. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']
const timeoutMs = 5_000
/** How long a server that did not answer is left alone. */
const retryAfterMs = 5_000
const clockToleranceSeconds = 30

/** @param baseUrl where others reach the platform: the resource that tokens are for */
export function createOAuthTokens({ issuer, baseUrl }: { issuer: string; baseUrl: () => string }): OAuthTokens {
  let keys: Promise<ReturnType<typeof createRemoteJWKSet>> | undefined
  let forgottenAt = Number.POSITIVE_INFINITY
  const keysOf = (): NonNullable<typeof keys> => {
    // Whoever sends what looks like a token would make us ask a server that does not answer, each time.
    if (performance.now() > forgottenAt) {
      keys = undefined
      forgottenAt = Number.POSITIVE_INFINITY
    }
    keys ??= findKeys(issuer).catch((error: unknown) => {
      forgottenAt = performance.now() + retryAfterMs
      throw error
    })
    return keys
  }
  return {
    issuer,
    async read(token, path) {
      const base = baseUrl()
      const getKey = await keysOf()
      try {
        const { payload } = await jwtVerify(token, getKey, {
          issuer,
          audience: [base, `${base}/`, `${base}${path}`],
          algorithms,
          clockTolerance: clockToleranceSeconds,
          requiredClaims: ['exp', 'sub'],
        })
        return claimsOf(payload)
      } catch (cause) {
        if (cause instanceof CausewayError) throw cause
        if (!(cause instanceof errors.JOSEError) || cause instanceof errors.JWKSTimeout)
          throw unreachable(issuer, cause)
        throw new CausewayError('invalid-credentials', `The access token cannot be used here: ${cause.message}.`, {
          cause,
        })
      }
    },
  }
}

/** What a key that stands for a grant is found by. No key that is sent has this hash. */
export const grantHash = (issuer: string, { clientId, person }: OAuthClaims): string =>
  hash('sha256', JSON.stringify(['oauth', issuer, clientId, person.toLowerCase()]), 'hex')

/** Whether a credential looks like a JSON Web Token (RFC 7519), which no key of Causeway does. */
export const isJwt = (credential: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(credential)

/** Names of the client: RFC 9068, section 2.2, and OpenID Connect. Addresses that nobody has confirmed are no names. */
function claimsOf({ sub, client_id: client, azp, email, email_verified: verified }: JWTPayload): OAuthClaims {
  const clientId = client ?? azp
  const person = typeof email === 'string' && verified !== false ? email : sub
  if (typeof clientId !== 'string' || person === undefined)
    throw new CausewayError('invalid-credentials', 'The access token names no client (client_id or azp).')
  return { clientId, person }
}

/** The keys that the metadata of an authorization server names: RFC 8414, else OpenID Connect Discovery. */
async function findKeys(issuer: string): Promise<ReturnType<typeof createRemoteJWKSet>> {
  // An operator who names a server without TLS has said so.
  const execute = issuer.startsWith('http:') ? [allowInsecureRequests] : []
  let problem: unknown
  for (const algorithm of ['oauth2', 'oidc'] as const) {
    try {
      const found = await discovery(new URL(issuer), 'causeway', undefined, undefined, {
        algorithm,
        execute,
        timeout: timeoutMs / 1000,
      })
      const { jwks_uri: keys } = found.serverMetadata()
      if (keys === undefined) throw new Error(`the metadata of ${issuer} names no keys`)
      return createRemoteJWKSet(new URL(keys), { timeoutDuration: timeoutMs })
    } catch (error) {
      problem = error
    }
  }
  throw unreachable(issuer, problem)
}

const unreachable = (issuer: string, cause: unknown): CausewayError =>
  new CausewayError('not-ready', `The keys of ${issuer} cannot be had, so that its tokens cannot be checked.`, {
    cause,
    retryAfterSeconds: 5,
  })
