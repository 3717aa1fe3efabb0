import { CausewayError, type ClientCredentials, type ToolAuth } from '@causeway/contracts'
import canonicalize from 'canonicalize'
import { importPKCS8, SignJWT } from 'jose'
import * as oauth from 'openid-client'
import type { ClientCertificates, Egress } from '../egress/index.ts'
import { handlesIn, type Secrets } from '../secrets/index.ts'
import type { ToolCall } from './tool-call.ts'

/** What a request carries so that the tool knows who calls. */
export interface SignedIn {
  headers: Record<string, string>
  certificates?: ClientCertificates
  /** Takes the token out of what the tool answers. */
  redact: (text: string) => string
  /** Says that the tool does not take the token: the next call gets a new one. */
  forget: () => void
}

type Caller = Pick<ToolCall, 'scope' | 'onBehalfOf'>

/** Signs a call in. @throws CausewayError tool-failed when no token can be had, egress-denied */
export type ToolSignIn = (caller: Caller, auth: ToolAuth) => Promise<SignedIn>

interface Token {
  value: string
  expiresAt: number
}

const tokensKept = 1_000
/** A token is not used when it is about to expire on its way. Milliseconds. */
const spareMs = 30_000
/** How long a token is believed whose server does not say how long it holds. Seconds. */
const assumedSeconds = 60
const answerBytesAtMost = 64 * 1024
const timeoutSeconds = 15

/** Tokens are kept until they expire, apart for each tenant, tool and, where they name one, user. */
export function createToolSignIn({ secrets, egress }: { secrets: Secrets; egress: Egress }): ToolSignIn {
  const tokens = new Map<string, Promise<Token>>()

  const resolved = async (caller: Caller, auth: ToolAuth) => {
    await secrets.ready(caller.scope, handlesIn(auth))
    return (handle: { secret: string }): string => secrets.resolve(caller.scope, handle, 'tool')
  }

  const fetched = async (caller: Caller, auth: Exclude<ToolAuth, { type: 'mtls' }>): Promise<Token> => {
    const secret = await resolved(caller, auth)
    if (auth.type === 'jwt') return signed(auth, secret(auth.key), caller)
    const server = await serverOf(auth, secret(auth.clientSecret), egress)
    const asked = {
      ...(auth.scopes && { scope: auth.scopes.join(' ') }),
      ...(auth.audience !== undefined && { audience: auth.audience }),
    }
    const given =
      auth.type === 'oauth2-client-credentials'
        ? await oauth.clientCredentialsGrant(server, asked)
        : await oauth.genericGrantRequest(server, 'urn:ietf:params:oauth:grant-type:token-exchange', {
            ...asked,
            subject_token: (
              await signed({ ...auth.assertion, audience: auth.tokenUrl }, secret(auth.assertion.key), caller)
            ).value,
            subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
          })
    return {
      value: given.access_token,
      expiresAt: Date.now() + (given.expires_in ?? assumedSeconds) * 1000,
    }
  }

  const tokenOf = async (key: string, fetchOne: () => Promise<Token>): Promise<Token> => {
    const kept = await tokens.get(key)?.catch(() => undefined)
    if (kept && kept.expiresAt - spareMs > Date.now()) return kept
    const asked = fetchOne()
    tokens.delete(key)
    tokens.set(key, asked)
    for (const oldest of tokens.keys()) {
      if (tokens.size <= tokensKept) break
      tokens.delete(oldest)
    }
    try {
      return await asked
    } catch (cause) {
      tokens.delete(key)
      if (cause instanceof CausewayError) throw cause
      throw new CausewayError('tool-failed', secrets.redact(`No token can be had for the tool: ${reasonOf(cause)}`), {
        cause,
      })
    }
  }

  return async (caller, auth) => {
    if (auth.type === 'mtls') {
      const secret = await resolved(caller, auth)
      const ca = auth.authorities && secret(auth.authorities)
      const certificates = { cert: secret(auth.certificate), key: secret(auth.key), ...(ca !== undefined && { ca }) }
      return { headers: {}, certificates, redact: text => text, forget: () => undefined }
    }
    const { organisationId, environmentId } = caller.scope
    const named = auth.type === 'oauth2-client-credentials' ? null : caller.onBehalfOf
    const key = canonicalize({ organisationId, environmentId, auth, named }) ?? ''
    const { value } = await tokenOf(key, () => fetched(caller, auth))
    return {
      headers: { authorization: `Bearer ${value}` },
      redact: text => text.replaceAll(value, '[secret]'),
      forget: () => void tokens.delete(key),
    }
  }
}

type Assertion = Omit<Extract<ToolAuth, { type: 'jwt' }>, 'type'>

/** A token of who has started the run, with the agent as who acts. Source: RFC 8693, section 4.1. */
async function signed(
  { key, algorithm, keyId, issuer, audience }: Assertion,
  pem: string,
  { onBehalfOf }: Caller,
): Promise<Token> {
  void key
  const now = Math.floor(Date.now() / 1000)
  const seconds = 300
  const value = await new SignJWT(onBehalfOf ? { act: { sub: `agent:${onBehalfOf.agent}` } } : {})
    .setProtectedHeader({ alg: algorithm, ...(keyId !== undefined && { kid: keyId }) })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(onBehalfOf?.user ?? 'causeway')
    .setIssuedAt(now)
    .setExpirationTime(now + seconds)
    .setJti(crypto.randomUUID())
    .sign(await importPKCS8(pem, algorithm))
  return { value, expiresAt: (now + seconds) * 1000 }
}

/** The authorization server, reached through the guard of what goes out. */
async function serverOf(
  { tokenUrl, clientId }: Omit<ClientCredentials, 'type'>,
  secret: string,
  egress: Egress,
): Promise<oauth.Configuration> {
  const metadata = { issuer: new URL(tokenUrl).origin, token_endpoint: tokenUrl }
  const server = new oauth.Configuration(metadata, clientId, secret, oauth.ClientSecretBasic(secret))
  // Which addresses may be reached, and which without TLS, is for the guard to say.
  if (tokenUrl.startsWith('http:')) oauth.allowInsecureRequests(server)
  server.timeout = timeoutSeconds
  server[oauth.customFetch] = async (url, options) => {
    // The types of undici and of Node for the same standard differ in names only.
    const response = await egress.fetch(url, options as never)
    const text = await bounded(response.body ?? [])
    return new Response(text, { status: response.status, headers: Object.fromEntries(response.headers) })
  }
  return server
}

async function bounded(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > answerBytesAtMost)
      throw new CausewayError('tool-failed', `The token endpoint answers with more than ${answerBytesAtMost} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function reasonOf(cause: unknown): string {
  if (cause instanceof oauth.ResponseBodyError)
    return `${cause.error}${cause.error_description ? `: ${cause.error_description}` : ''}`
  return cause instanceof Error ? cause.message : String(cause)
}
