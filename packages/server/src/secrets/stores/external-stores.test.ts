import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { SecretHandle } from '@causeway/contracts'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAwsSecretsManager } from './aws-secrets-manager.ts'
import { createGcpSecretManager } from './gcp-secret-manager.ts'
import { createVault } from './vault/index.ts'

const scope = { organisationId: 'org', environmentId: 'env' }
const folderOf = async () => 'causeway/default/dev'

type Answer = (request: IncomingMessage, body: string) => { status?: number; body: unknown }

/** A store on a loopback socket. */
async function fakeStore(answer: Answer) {
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { status = 200, body } = answer(request, await text(request))
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  const server = createServer((request, response) => void respond(request, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

test('a field of Vault is read with a token of its AppRole, which is replaced when it is refused [H3.vault]', async () => {
  let logins = 0
  let valid = ''
  await using store = await fakeStore((request, body) => {
    if (request.url === '/v1/auth/approle/login') {
      expect(JSON.parse(body)).toEqual({ role_id: 'role', secret_id: 'secret' })
      valid = `token-${++logins}`
      return { body: { auth: { client_token: valid, lease_duration: 3600, renewable: true } } }
    }
    if (request.headers['x-vault-token'] !== valid) return { status: 403, body: { errors: ['permission denied'] } }
    if (request.url !== '/v1/secret/data/causeway/default/dev/providers/openai')
      return { status: request.url?.includes('sealed') ? 503 : 404, body: { errors: ['Vault is sealed'] } }
    return { body: { data: { data: { key: 'sk-1', value: 'plain' }, metadata: { version: 3 } } } }
  })
  const login = { type: 'approle' as const, mount: 'approle', roleId: 'role', secretId: 'secret' }
  const vault = createVault({ settings: { address: store.url, mount: 'secret', login }, folderOf })
  const find = (path: string, field?: string) => vault.find(scope, { path, field })
  expect(await find('providers/openai', 'key')).toEqual({ value: 'sk-1', use: 'providers' })
  expect(await find('providers/openai')).toEqual({ value: 'plain', use: 'providers' })
  expect(await find('providers/openai', 'other')).toBeUndefined()
  expect(await find('absent')).toBeUndefined()
  expect(logins).toBe(1)
  valid = 'revoked'
  expect(await find('providers/openai', 'key')).toMatchObject({ value: 'sk-1' })
  expect(logins).toBe(2)
  await expect(find('sealed')).rejects.toThrow(`Vault at ${store.url} is sealed. Unseal it.`)
  await store[Symbol.asyncDispose]()
  await expect(find('providers/openai')).rejects.toThrow(`Vault at ${store.url} does not answer (`)
})

const realVault = process.env['TEST_VAULT_ADDR']

test.runIf(realVault)(
  'a server of Vault or OpenBao in development mode with the root token "root" gives the same [H3.vault]',
  async () => {
    const address = realVault ?? ''
    const send = (path: string, body: object) =>
      fetch(`${address}/v1/${path}`, {
        method: 'POST',
        headers: { 'x-vault-token': 'root' },
        body: JSON.stringify(body),
      })
    await send('secret/data/causeway/default/dev/orders', { data: { key: 'real-1', value: 'real-2' } })
    await send('sys/auth/approle', { type: 'approle' })
    await send('sys/policies/acl/causeway', {
      policy: 'path "secret/data/causeway/default/dev/orders" { capabilities = ["read"] }',
    })
    await send('auth/approle/role/causeway', { token_policies: ['causeway'], token_ttl: '60s' })
    const role = await (
      await fetch(`${address}/v1/auth/approle/role/causeway/role-id`, { headers: { 'x-vault-token': 'root' } })
    ).json()
    const secret = await (await send('auth/approle/role/causeway/secret-id', {})).json()
    const roleId = String(Object(role).data.role_id)
    const secretId = String(Object(secret).data.secret_id)
    const logins = [
      { type: 'token' as const, token: 'root' },
      { type: 'approle' as const, mount: 'approle', roleId, secretId },
    ]
    for (const login of logins) {
      const vault = createVault({ settings: { address, mount: 'secret', login }, folderOf })
      expect(await vault.find(scope, { path: 'orders', field: 'key' })).toEqual({ value: 'real-1', use: 'any' })
      expect(await vault.find(scope, { path: 'orders', field: undefined })).toMatchObject({ value: 'real-2' })
      const absent = vault.find(scope, { path: 'absent', field: undefined })
      if (login.type === 'token') expect(await absent).toBeUndefined()
      else
        await expect(absent).rejects.toThrow('does not let the platform read secret/data/causeway/default/dev/absent')
    }
    const login = { type: 'token' as const, token: 'wrong' }
    const stranger = createVault({ settings: { address, mount: 'secret', login }, folderOf })
    await expect(stranger.find(scope, { path: 'orders', field: undefined })).rejects.toThrow('or a valid token')
  },
)

test('a secret of AWS is asked for with a signed request; a member of its JSON can be taken [H3.cloud-managers]', async () => {
  await using store = await fakeStore((request, body) => {
    expect(request.headers['x-amz-target']).toBe('secretsmanager.GetSecretValue')
    expect(request.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIA1\/\d{8}\/eu-central-1\/secretsmanager\/aws4_request, .*Signature=[0-9a-f]{64}$/,
    )
    const id = String(Object(JSON.parse(body)).SecretId)
    if (id === 'causeway/default/dev/orders') return { body: { SecretString: '{"key":"aws-1"}' } }
    const code = id.endsWith('absent') ? 'ResourceNotFoundException' : 'AccessDeniedException'
    return { status: 400, body: { __type: code } }
  })
  const settings = {
    region: 'eu-central-1',
    endpoint: store.url,
    credentials: { accessKeyId: 'AKIA1', secretAccessKey: 'aws-secret' },
  }
  const aws = createAwsSecretsManager({ settings, folderOf })
  const find = (path: string, field?: string) => aws.find(scope, { path, field })
  expect(await find('orders', 'key')).toEqual({ value: 'aws-1', use: 'any' })
  expect(await find('orders')).toEqual({ value: '{"key":"aws-1"}', use: 'any' })
  expect(await find('absent')).toBeUndefined()
  await expect(find('denied')).rejects.toThrow('refuses causeway/default/dev/denied (AccessDeniedException)')
})

test('a secret of Google is asked for in its latest version [H3.cloud-managers]', async () => {
  await using store = await fakeStore(request => {
    expect(request.headers.authorization).toBe('Bearer ya29.token')
    const id = /secrets\/([^/]+)\/versions\/latest:access$/.exec(request.url ?? '')?.[1]
    if (id === 'causeway_default_dev_orders') return { body: { payload: { data: btoa('gcp-1') } } }
    return id?.endsWith('absent')
      ? { status: 404, body: { error: { status: 'NOT_FOUND' } } }
      : { status: 403, body: { error: { status: 'PERMISSION_DENIED' } } }
  })
  const gcp = createGcpSecretManager({
    settings: { project: 'project-1', endpoint: store.url },
    folderOf: async () => 'causeway_default_dev_',
    accessToken: async () => 'ya29.token',
  })
  const find = (path: string, field?: string) => gcp.find(scope, { path, field })
  expect(await find('orders')).toEqual({ value: 'gcp-1', use: 'any' })
  expect(await find('absent')).toBeUndefined()
  await expect(find('denied')).rejects.toThrow('refuses causeway_default_dev_denied (PERMISSION_DENIED)')
  await expect(find('orders', 'key')).rejects.toThrow('no JSON object')
})

test('a handle leads to nothing outside of the folder of its environment, however it is written [H3.folder-of-the-environment, H1.tenancy]', async () => {
  const asked: string[] = []
  await using store = await fakeStore(request => {
    asked.push(String(request.url))
    return { body: { data: { data: { value: 'x' }, metadata: { version: 1 } } } }
  })
  const login = { type: 'token' as const, token: 'root' }
  const folders: Record<string, string> = { dev: 'causeway/acme/dev', prod: 'causeway/acme/prod' }
  const settings = { address: store.url, mount: 'secret', login }
  const vault = createVault({ settings, folderOf: async ({ environmentId }) => folders[environmentId] ?? '' })
  const pieces = [
    'a',
    'key',
    '.',
    '..',
    '/',
    '//',
    '%2e%2e',
    '%2F',
    '\\',
    '~',
    '@',
    ' ',
    ';',
    '?',
    '\0',
    '../prod',
    'prod',
  ]
  const piece = fc.oneof(fc.constantFrom(...pieces), fc.constantFrom('a', 'key', 'prod', '/a', '/prod'))
  const written = fc.array(piece, { minLength: 1, maxLength: 6 }).map(each => each.join(''))
  let accepted = 0
  await fc.assert(
    fc.asyncProperty(written, fc.constantFrom('dev', 'prod'), async (path, environmentId) => {
      if (!SecretHandle.safeParse({ secret: `vault:${path}` }).success) return
      accepted++
      await vault.find({ organisationId: 'org', environmentId }, { path, field: undefined })
      const at = new URL(asked.at(-1) ?? '', store.url).pathname
      expect(at.startsWith(`/v1/secret/data/${folders[environmentId]}/`)).toBe(true)
    }),
    { numRuns: 500 },
  )
  expect(accepted).toBeGreaterThan(20)
})
