import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { SecretStoreError } from '../../secret-store.ts'
import { askJson } from '../ask-json.ts'

/** How the platform proves to Vault who it is. */
export type VaultLogin =
  | { type: 'token'; token: string }
  | { type: 'approle'; mount: string; roleId: string; secretId: string }
  | { type: 'kubernetes'; mount: string; role: string; tokenFile: string }

export interface VaultSession {
  /** A token that is valid for a while longer. @throws SecretStoreError */
  token(): Promise<string>
  /** Makes the next token a new one: Vault refused this one. @returns whether there can be another */
  refused(token: string): boolean
}

interface SessionOptions {
  description: string
  address: string
  headers: Record<string, string>
  login: VaultLogin
  clock: () => number
}

/** Sources: https://developer.hashicorp.com/vault/api-docs/auth/approle, /auth/kubernetes and /auth/token */
const Login = z.object({ auth: z.object({ client_token: z.string(), lease_duration: z.number() }) })
const OwnToken = z.object({ data: z.object({ ttl: z.number(), renewable: z.boolean().default(false) }) })

interface Held {
  token: string
  /** When it is renewed or replaced. */
  until: number
}

// Of the time that a token lives it is used for this share, so that it does not expire between two calls.
const usedShare = 2 / 3

export function createVaultSession({ description, address, headers, login, clock }: SessionOptions): VaultSession {
  let held: Held | undefined
  let opening: Promise<Held> | undefined

  /** A lifetime of 0 seconds is none: such a token does not expire. */
  const heldFor = (token: string, seconds: number): Held => ({
    token,
    until: seconds === 0 ? Infinity : clock() + seconds * 1000 * usedShare,
  })
  const logIn = async (mount: string, credentials: object): Promise<Held> => {
    const { status, body } = await askJson({
      store: description,
      url: `${address}/v1/auth/${mount}/login`,
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(credentials),
    })
    const answer = Login.safeParse(body)
    if (status === 200 && answer.success) return heldFor(answer.data.auth.client_token, answer.data.auth.lease_duration)
    throw new SecretStoreError(
      `${description} refuses the login at auth/${mount} (status ${status}). Correct the role of the platform there.`,
    )
  }
  /** A token of the operator is renewed for as long as Vault lets it be. */
  const keepAlive = async (token: string): Promise<Held> => {
    const own = { 'x-vault-token': token, ...headers }
    const { body } = await askJson({ store: description, url: `${address}/v1/auth/token/lookup-self`, headers: own })
    const found = OwnToken.safeParse(body)
    // Without the right to look at itself it is used as it is.
    if (!found.success) return heldFor(token, 0)
    const { ttl, renewable } = found.data.data
    if (!renewable || ttl === 0) return heldFor(token, ttl)
    const url = `${address}/v1/auth/token/renew-self`
    const renewed = await askJson({ store: description, url, method: 'POST', headers: own, body: '{}' })
    return heldFor(token, Login.safeParse(renewed.body).data?.auth.lease_duration ?? ttl)
  }
  const open = async (): Promise<Held> => {
    switch (login.type) {
      case 'token':
        return keepAlive(login.token)
      case 'approle':
        return logIn(login.mount, { role_id: login.roleId, secret_id: login.secretId })
      case 'kubernetes':
        return logIn(login.mount, { role: login.role, jwt: await serviceAccountToken(description, login.tokenFile) })
    }
  }

  return {
    async token() {
      if (held && clock() < held.until) return held.token
      opening ??= open().finally(() => (opening = undefined))
      held = await opening
      return held.token
    },
    refused(token) {
      if (held?.token === token) held = undefined
      return login.type !== 'token'
    },
  }
}

/** Kubernetes replaces the file every hour, so that it is read anew for each login. */
async function serviceAccountToken(description: string, path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch {
    throw new SecretStoreError(`${description} wants the token of a service account, and ${path} cannot be read.`)
  }
}
