import * as z from 'zod'
import { SecretHandle } from '../names.ts'

const words = z.string().min(1).max(500)

const tokenEndpoint = {
  tokenUrl: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .describe('the token endpoint of the authorization server'),
  clientId: words,
  clientSecret: SecretHandle,
  scopes: z.array(words).max(50).optional(),
  audience: words.optional().describe('whom the token is for, where the authorization server asks'),
}

const assertion = {
  key: SecretHandle.describe('private key in PEM (PKCS #8)'),
  algorithm: z.enum(['ES256', 'RS256', 'EdDSA']).default('ES256'),
  keyId: words.optional(),
  issuer: words,
}

/** The service signs in with its own credentials (RFC 6749, section 4.4). */
export const ClientCredentials = z.strictObject({ type: z.literal('oauth2-client-credentials'), ...tokenEndpoint })
export type ClientCredentials = z.infer<typeof ClientCredentials>

/** How calls of a tool are signed in. */
export const ToolAuth = z.discriminatedUnion('type', [
  ClientCredentials,
  z.strictObject({
    type: z
      .literal('oauth2-token-exchange')
      .describe(
        'on behalf of who started the run, with the agent as actor (RFC 8693); the subject token is signed here',
      ),
    ...tokenEndpoint,
    assertion: z.strictObject(assertion),
  }),
  z.strictObject({
    type: z.literal('jwt').describe('a token signed here (RFC 7519), of who started the run, with the agent as actor'),
    ...assertion,
    audience: words,
  }),
  z.strictObject({
    type: z.literal('mtls').describe('a client certificate (RFC 8705)'),
    certificate: SecretHandle.describe('PEM'),
    key: SecretHandle.describe('PEM'),
    authorities: SecretHandle.optional().describe(
      'PEM of those who sign the certificate of the tool, where the system does not know them',
    ),
  }),
])
export type ToolAuth = z.infer<typeof ToolAuth>
