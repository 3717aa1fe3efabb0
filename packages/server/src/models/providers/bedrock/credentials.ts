import { AwsV4Signer } from 'aws4fetch'
import type { Secrets } from '../../../secrets/index.ts'
import type { SpecOf } from '../provider-adapter.ts'
import { secretValue } from '../secret-value.ts'

type Spec = SpecOf<'bedrock'>

/** What a request is signed with: a pair of AWS keys, or a Bedrock API key. */
export type Credentials =
  | { type: 'keys'; accessKeyId: string; secretAccessKey: string; sessionToken?: string }
  | { type: 'bearer'; apiKey: string }

/** The credentials of a provider, or the name of a secret that has no value. */
export function credentialsOf({ credentials }: Spec, secrets: Secrets): Credentials | { missing: string } {
  if ('apiKey' in credentials) {
    const apiKey = secretValue(secrets, credentials.apiKey)
    return apiKey === undefined ? { missing: credentials.apiKey.secret } : { type: 'bearer', apiKey }
  }
  const accessKeyId = secretValue(secrets, credentials.accessKeyId)
  if (accessKeyId === undefined) return { missing: credentials.accessKeyId.secret }
  const secretAccessKey = secretValue(secrets, credentials.secretAccessKey)
  if (secretAccessKey === undefined) return { missing: credentials.secretAccessKey.secret }
  if (!credentials.sessionToken) return { type: 'keys', accessKeyId, secretAccessKey }
  const sessionToken = secretValue(secrets, credentials.sessionToken)
  return sessionToken === undefined
    ? { missing: credentials.sessionToken.secret }
    : { type: 'keys', accessKeyId, secretAccessKey, sessionToken }
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
