import { readFile } from 'node:fs/promises'
import { AwsV4Signer } from 'aws4fetch'
import * as z from 'zod'
import { SecretStoreError, useOf, type SecretStore } from '../secret-store.ts'
import { askJson } from './ask-json.ts'
import type { FolderOf } from './folder-of.ts'
import { valueIn } from './member-of.ts'

interface AwsCredentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string | undefined
}

export interface AwsSecretsSettings {
  region: string
  /** Without a slash at the end. */
  endpoint: string
  /** Keys, or where the container that the platform runs in gets them (ECS, EKS Pod Identity). */
  credentials: AwsCredentials | { containerUrl: string; tokenFile?: string | undefined }
}

interface Dependencies {
  settings: AwsSecretsSettings
  folderOf: FolderOf
  clock?: () => number
}

/** Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html */
const Answer = z.object({ SecretString: z.string().optional(), SecretBinary: z.base64().optional() })
const Refusal = z.looseObject({ __type: z.string() }).transform(answer => answer['__type'].replace(/^.*#/, ''))
/** Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html */
const ContainerCredentials = z.object({
  AccessKeyId: z.string(),
  SecretAccessKey: z.string(),
  Token: z.string(),
  Expiration: z.iso.datetime({ offset: true }),
})

// Milliseconds.
const freshMs = 60_000
const renewBefore = 5 * 60_000
const absent = new Set(['ResourceNotFoundException', 'InvalidRequestException'])

/** Secrets of AWS Secrets Manager. */
export function createAwsSecretsManager({ settings, folderOf, clock = Date.now }: Dependencies): SecretStore {
  const { region, endpoint } = settings
  const description = `AWS Secrets Manager in ${region}`
  const credentials = credentialsFrom(settings, description, clock)
  return {
    description,
    freshMs,
    async find(scope, place) {
      const folder = await folderOf(scope)
      const id = folder ? `${folder}/${place.path}` : place.path
      const body = JSON.stringify({ SecretId: id })
      const url = `${endpoint}/`
      const signer = new AwsV4Signer({
        method: 'POST',
        url,
        body,
        service: 'secretsmanager',
        region,
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'secretsmanager.GetSecretValue' },
        ...definedOnly(await credentials()),
      })
      const headers = Object.fromEntries((await signer.sign()).headers)
      const answer = await askJson({ store: description, url, method: 'POST', headers, body })
      if (answer.status !== 200) {
        const code = Refusal.safeParse(answer.body).data ?? `status ${answer.status}`
        // A secret that is to be deleted is refused as an invalid request.
        if (absent.has(code)) return undefined
        throw new SecretStoreError(
          `${description} refuses ${id} (${code}). Give the platform secretsmanager:GetSecretValue for it.`,
        )
      }
      const { SecretString, SecretBinary } = Answer.parse(answer.body)
      const text = SecretString ?? (SecretBinary && Buffer.from(SecretBinary, 'base64').toString('utf8'))
      const value = text === undefined ? undefined : valueIn(text, place.field)
      return value === undefined ? undefined : { value, use: useOf(place.path) }
    },
  }
}

const definedOnly = ({ accessKeyId, secretAccessKey, sessionToken }: AwsCredentials) => ({
  accessKeyId,
  secretAccessKey,
  ...(sessionToken !== undefined && { sessionToken }),
})

function credentialsFrom(
  { credentials }: AwsSecretsSettings,
  description: string,
  clock: () => number,
): () => Promise<AwsCredentials> {
  if ('accessKeyId' in credentials) return async () => credentials
  let held: { credentials: AwsCredentials; until: number } | undefined
  return async () => {
    if (held && clock() < held.until) return held.credentials
    const { containerUrl, tokenFile } = credentials
    const authorization = tokenFile === undefined ? undefined : (await readFile(tokenFile, 'utf8')).trim()
    const { body } = await askJson({
      store: `The credentials of the container for ${description}`,
      url: containerUrl,
      headers: authorization === undefined ? {} : { authorization },
    })
    const answer = ContainerCredentials.safeParse(body)
    if (!answer.success)
      throw new SecretStoreError(
        `${description} cannot be asked: the container has no AWS credentials. Give it a role.`,
      )
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: sessionToken, Expiration } = answer.data
    held = { credentials: { accessKeyId, secretAccessKey, sessionToken }, until: Date.parse(Expiration) - renewBefore }
    return held.credentials
  }
}
