import type { SecretHandle } from '@causeway/contracts'
import { AwsV4Signer } from 'aws4fetch'
import type { SpecOf } from '../provider-adapter.ts'

type Spec = SpecOf<'bedrock'>

/** What a request is signed with: a pair of AWS keys, or a Bedrock API key. */
export type Credentials =
  | { type: 'keys'; accessKeyId: string; secretAccessKey: string; sessionToken?: string }
  | { type: 'bearer'; apiKey: string }

/** The credentials of a provider. @throws what `resolve` throws */
export function credentialsOf({ credentials }: Spec, resolve: (handle: SecretHandle) => string): Credentials {
  if ('apiKey' in credentials) return { type: 'bearer', apiKey: resolve(credentials.apiKey) }
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  return {
    type: 'keys',
    accessKeyId: resolve(accessKeyId),
    secretAccessKey: resolve(secretAccessKey),
    ...(sessionToken && { sessionToken: resolve(sessionToken) }),
  }
}

/**
 * The headers that prove who sends a request.
 * Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html, https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html
 */
export async function signedHeaders(
  credentials: Credentials,
  { url, body, region }: { url: string; body: Buffer; region: string },
): Promise<Record<string, string>> {
  if (credentials.type === 'bearer') return { authorization: `Bearer ${credentials.apiKey}` }
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  const signer = new AwsV4Signer({
    method: 'POST',
    url,
    body,
    service: 'bedrock',
    region,
    accessKeyId,
    secretAccessKey,
    ...(sessionToken && { sessionToken }),
  })
  const { headers } = await signer.sign()
  return Object.fromEntries(headers)
}
