import { GoogleAuth } from 'google-auth-library'
import * as z from 'zod'
import { SecretStoreError, useOf, type SecretStore } from '../secret-store.ts'
import { askJson } from './ask-json.ts'
import type { FolderOf } from './folder-of.ts'
import { valueIn } from './member-of.ts'

export interface GcpSecretsSettings {
  project: string
  /** Without a slash at the end. */
  endpoint: string
}

interface Dependencies {
  settings: GcpSecretsSettings
  folderOf: FolderOf
  /** In place of the credentials that Google's libraries find by themselves, for tests. */
  accessToken?: () => Promise<string | null | undefined>
}

/** Source: https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/access */
const Answer = z.object({ payload: z.object({ data: z.base64() }) })
const Refusal = z.object({ error: z.object({ status: z.string() }) })

// Milliseconds.
const freshMs = 60_000

/** Secrets of Google Cloud Secret Manager, in their latest version. */
export function createGcpSecretManager({ settings, folderOf, accessToken }: Dependencies): SecretStore {
  const { project, endpoint } = settings
  const description = `Google Cloud Secret Manager of ${project}`
  let auth: GoogleAuth | undefined
  const applicationDefault = (): Promise<string | null | undefined> => {
    auth ??= new GoogleAuth({ scopes: ['https://www.googleapis.com/auth/cloud-platform'] })
    return auth.getAccessToken()
  }
  return {
    description,
    freshMs,
    async find(scope, place) {
      const id = `${await folderOf(scope)}${place.path}`
      const token = await (accessToken ?? applicationDefault)().catch(() => undefined)
      if (!token)
        throw new SecretStoreError(
          `${description} cannot be asked: there are no Google credentials. Set GOOGLE_APPLICATION_CREDENTIALS, or give the machine a service account.`,
        )
      const url = `${endpoint}/v1/projects/${project}/secrets/${encodeURIComponent(id)}/versions/latest:access`
      const { status, body } = await askJson({ store: description, url, headers: { authorization: `Bearer ${token}` } })
      if (status === 404) return undefined
      if (status !== 200) {
        const code = Refusal.safeParse(body).data?.error.status ?? `status ${status}`
        throw new SecretStoreError(
          `${description} refuses ${id} (${code}). Give the platform the role roles/secretmanager.secretAccessor for it.`,
        )
      }
      const text = Buffer.from(Answer.parse(body).payload.data, 'base64').toString('utf8')
      const value = valueIn(text, place.field)
      return value === undefined ? undefined : { value, use: useOf(place.path) }
    },
  }
}
