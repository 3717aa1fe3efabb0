import * as z from 'zod'
import { SecretStoreError, useOf, type SecretStore } from '../../secret-store.ts'
import { askJson, type StoreAnswer } from '../ask-json.ts'
import type { FolderOf } from '../folder-of.ts'
import { memberOf } from '../member-of.ts'
import { createVaultSession, type VaultLogin } from './vault-session.ts'

export interface VaultSettings {
  /** Without a slash at the end. */
  address: string
  namespace?: string | undefined
  /** Where the KV engine (version 2) is mounted. */
  mount: string
  login: VaultLogin
}

interface Dependencies {
  settings: VaultSettings
  folderOf: FolderOf
  clock?: () => number
}

/** Source: https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#read-secret-version */
const Answer = z.object({ data: z.object({ data: z.record(z.string(), z.unknown()).nullable() }) })
const Refusal = z.object({ errors: z.array(z.string()) })

// Milliseconds.
const freshMs = 60_000
const fieldUnlessNamed = 'value'

/** Secrets of Vault's KV engine, version 2; OpenBao speaks the same protocol. */
export function createVault({ settings, folderOf, clock = Date.now }: Dependencies): SecretStore {
  const { address, namespace, mount, login } = settings
  const description = `Vault at ${address}`
  const headers = { 'x-vault-request': 'true', ...(namespace && { 'x-vault-namespace': namespace }) }
  const session = createVaultSession({ description, address, headers, login, clock })

  const read = async (path: string, again: boolean): Promise<StoreAnswer> => {
    const token = await session.token()
    const url = `${address}/v1/${mount}/data/${path.split('/').map(encodeURIComponent).join('/')}`
    const answer = await askJson({ store: description, url, headers: { ...headers, 'x-vault-token': token } })
    // 403 says both that a token is no longer valid and that it may not read this.
    if (answer.status === 403 && session.refused(token) && again) return read(path, false)
    return answer
  }

  return {
    description,
    freshMs,
    async find(scope, place) {
      const folder = await folderOf(scope)
      const path = folder ? `${folder}/${place.path}` : place.path
      const { status, body } = await read(path, true)
      if (status === 404) return undefined
      if (status !== 200) throw refusal(description, `${mount}/data/${path}`, status, body)
      const answer = Answer.safeParse(body)
      if (!answer.success)
        throw new SecretStoreError(
          `${description} has no KV engine of version 2 at ${mount}. Set CAUSEWAY_VAULT_MOUNT.`,
        )
      const value = memberOf(answer.data.data.data ?? {}, place.field ?? fieldUnlessNamed)
      return value === undefined ? undefined : { value, use: useOf(place.path) }
    },
  }
}

function refusal(description: string, path: string, status: number, body: unknown): SecretStoreError {
  if (status === 403)
    return new SecretStoreError(
      `${description} does not let the platform read ${path}. Give its policy the capability "read" there, or a valid token.`,
    )
  const sealed = Refusal.safeParse(body).data?.errors.some(each => /sealed/i.test(each))
  return new SecretStoreError(
    sealed ? `${description} is sealed. Unseal it.` : `${description} answers with status ${status}. See its log.`,
  )
}
