import { ApiKey, CausewayError, CreateOAuthGrant, ProtectedResource } from '@causeway/contracts'
import type { App } from '../http/index.ts'
import type { KeyDependencies } from './api-keys.ts'
import { createOAuthGrant } from './oauth-grants.ts'
import type { OAuthTokens } from './oauth-tokens.ts'

const place = '/.well-known/oauth-protected-resource'

/** Where the metadata of an address of this platform stands (RFC 9728, section 3.1). */
export const resourceMetadataUrl = (baseUrl: string, path: string): string => `${baseUrl}${place}${path}`

interface OAuthRouteDependencies extends KeyDependencies {
  oauth: OAuthTokens | undefined
  baseUrl: () => string
}

/** What clients learn of the authorization server, and whom users let act for them. */
export function oauthRoutes(app: App, { oauth, baseUrl, ...dependencies }: OAuthRouteDependencies): void {
  const trusted = (): OAuthTokens => {
    if (oauth) return oauth
    throw new CausewayError('not-found', 'This platform trusts no authorization server: see CAUSEWAY_OAUTH_ISSUER.')
  }
  for (const url of [place, `${place}/*`])
    app.get(
      url,
      { config: { public: true }, schema: { hide: true, response: { 200: ProtectedResource } } },
      async request => ({
        resource: `${baseUrl()}${request.url.split('?', 1)[0]?.slice(place.length) ?? ''}`,
        authorization_servers: [trusted().issuer],
        bearer_methods_supported: ['header'],
        resource_name: 'Causeway',
      }),
    )

  app.post(
    '/v1/oauth-grants',
    {
      config: { anyCaller: true },
      schema: {
        tags: ['identity'],
        summary: 'Let an OAuth client act for you; the grant is listed and revoked like an API key',
        body: CreateOAuthGrant,
        response: { 201: ApiKey },
      },
    },
    async ({ caller, body }, reply) =>
      reply.code(201).send(await createOAuthGrant(dependencies, trusted(), caller, body)),
  )
}
