import { JWT } from 'google-auth-library'
import * as z from 'zod'
import { ProviderFailure } from '../../provider-failure.ts'

/** The parts of a service account's JSON key that are used. The address of tokens that it names is not trusted. */
const ServiceAccount = z.looseObject({
  type: z.literal('service_account'),
  client_email: z.string(),
  private_key: z.string(),
  private_key_id: z.string().optional(),
})
type ServiceAccount = z.infer<typeof ServiceAccount>

const scope = 'https://www.googleapis.com/auth/cloud-platform'

// Milliseconds. Longer than any call that waits for its turn takes to begin.
const renewBefore = 5 * 60_000

// Milliseconds, for each of a few attempts.
const tokenTimeout = 10_000

// Keys that were replaced are forgotten when so many others have been used.
const mostClients = 200

/** Gets access tokens for the credentials of providers and keeps them until shortly before they expire. */
export interface AccessTokens {
  /**
   * @param credentials the JSON key of a service account, or an access token, which is given back as it is
   * @throws ProviderFailure
   */
  tokenFor(provider: string, credentials: string): Promise<string>
}

/** @param tokenUrl in place of Google's own, for tests */
export function createAccessTokens({ tokenUrl }: { tokenUrl?: string | undefined } = {}): AccessTokens {
  const clients = new Map<string, JWT>()

  const clientFor = (provider: string, credentials: string): JWT => {
    const known = clients.get(credentials)
    if (known) return known
    const client = createClient(readServiceAccount(provider, credentials), tokenUrl)
    clients.set(credentials, client)
    const [oldest] = clients.keys()
    if (clients.size > mostClients && oldest !== undefined) clients.delete(oldest)
    return client
  }

  return {
    async tokenFor(provider, credentials) {
      if (!credentials.trimStart().startsWith('{')) return credentials.trim()
      const client = clientFor(provider, credentials)
      // The client keeps its token, and callers who come while it is renewed wait for the same one.
      const { token } = await client.getAccessToken().catch((error: unknown) => {
        throw refusedToken(provider, error)
      })
      if (token) return token
      throw refusedToken(provider)
    },
  }
}

function createClient(account: ServiceAccount, tokenUrl: string | undefined): JWT {
  const client = new JWT({
    email: account.client_email,
    key: account.private_key,
    scopes: [scope],
    eagerRefreshThresholdMillis: renewBefore,
    transporterOptions: { timeout: tokenTimeout },
    ...(account.private_key_id && { keyId: account.private_key_id }),
  })
  if (tokenUrl)
    client.transporter.interceptors.request.add({
      resolved: async config => Object.assign(config, { url: new URL(tokenUrl) }),
    })
  return client
}

function readServiceAccount(provider: string, credentials: string): ServiceAccount {
  try {
    return ServiceAccount.parse(JSON.parse(credentials))
  } catch {
    // The cause would quote the key.
    throw new ProviderFailure(
      'provider-rejected',
      `The credentials of provider "${provider}" are no JSON key of a service account.`,
      { failureClass: 'dead-key' },
    )
  }
}

/** Google's answer to a key that it does not take has a status; without one it was not reached. */
function refusedToken(provider: string, error?: unknown): ProviderFailure {
  const status = z.object({ status: z.number() }).safeParse(error).data?.status
  const refused = status !== undefined && status < 500 && status !== 429
  return new ProviderFailure(
    refused ? 'provider-rejected' : 'provider-failed',
    `Provider "${provider}" got no access token${refused ? `: Google answered with status ${status}` : ''}.`,
    { failureClass: refused ? 'dead-key' : 'transient', cause: messageOf(error) },
  )
}

/** The error itself holds the signed request. */
const messageOf = (error: unknown): string | undefined => (error instanceof Error ? error.message : undefined)
