import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  Client,
  discoverOAuthProtectedResourceMetadata,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client'
import { createClient } from '@causeway/sdk'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose'
import { describe, expect, test } from 'vitest'
import { anyKind } from '../src/database/testing/index.ts'
import { startScriptedWorld } from '../src/testing/scripted-world.ts'

/** An authorization server with its metadata and keys. */
async function authorizationServer() {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }
  let issuer = ''
  const server = createServer((request, response) => {
    const known: Record<string, unknown> = {
      '/.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}/keys` },
      '/keys': { keys: [jwk] },
    }
    const found = known[request.url ?? '']
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(found ?? {}))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    issuer,
    token: (claims: JWTPayload, { key = privateKey, expires = '5m' }: { key?: CryptoKey; expires?: string } = {}) =>
      new SignJWT({ client_id: 'desk', email: 'kim@harbour.example', sub: '1', ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'one', typ: 'at+jwt' })
        .setIssuer(claims.iss ?? issuer)
        .setIssuedAt()
        .setExpirationTime(expires)
        .sign(key),
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

async function start() {
  await using parts = new AsyncDisposableStack()
  const idp = parts.use(await authorizationServer())
  const world = parts.use(
    await startScriptedWorld({
      kind: anyKind,
      model: {},
      tools: { lookup: () => ({ status: 'packing' }) },
      environment: { CAUSEWAY_OAUTH_ISSUER: idp.issuer },
    }),
  )
  const { causeway } = world
  const user = await causeway.admin.users.create({ name: 'kim', email: 'Kim@harbour.example', role: 'operator' })
  const { key } = await causeway.admin.apiKeys.create({ name: 'kims', role: 'operator', userId: user.id })
  const kim = createClient({ baseUrl: causeway.url, apiKey: key, maxRetries: 0 })
  const owned = parts.move()
  return { idp, world, causeway, kim, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const mcpPath = '/v1/agents/clerk/mcp'

const asks = (url: string, token: string, path = '/v1/me'): Promise<Response> =>
  fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } })

async function callLookup(url: string, token: string): Promise<unknown> {
  const client = new Client({ name: 'desk', version: '1' })
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${url}${mcpPath}`), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
    }),
  )
  return client.callTool({ name: 'lookup', arguments: { order: '1042' } })
}

describe('access tokens of an authorization server', () => {
  test('are found by the official client of MCP from the refusal, and taken where the user has let the client act [B8.mcp-oauth]', async () => {
    await using started = await start()
    const { idp, causeway, kim } = started
    const refused = await fetch(`${causeway.url}${mcpPath}`, { method: 'POST', body: '{}' })
    expect(refused.status).toBe(401)
    const place = /resource_metadata="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '')?.[1]
    expect(place).toBe(`${causeway.url}/.well-known/oauth-protected-resource${mcpPath}`)
    const resource = `${causeway.url}${mcpPath}`
    expect(await discoverOAuthProtectedResourceMetadata(resource, { resourceMetadataUrl: place ?? '' })).toMatchObject({
      resource,
      authorization_servers: [idp.issuer],
    })

    const token = await idp.token({ aud: resource })
    const before = await asks(causeway.url, token, mcpPath)
    expect([before.status, await before.text()]).toEqual([
      401,
      expect.stringContaining('does not let the client desk act'),
    ])

    const grant = await kim.allowOAuthClient({ clientId: 'desk' })
    await expect(kim.allowOAuthClient({ clientId: 'desk' })).rejects.toMatchObject({ code: 'conflict' })
    expect(await callLookup(causeway.url, token)).toMatchObject({ structuredContent: { status: 'packing' } })
    const [run] = (await causeway.admin.runs.list()).data
    expect(run?.requestedBy).toBe('user:kim')
    // It is for this address only: neither another of the platform nor another service takes it.
    expect((await asks(causeway.url, token)).status).toBe(401)

    await causeway.admin.apiKeys.revoke(grant.id)
    await expect(callLookup(causeway.url, token)).rejects.toThrow('does not let the client desk act')
    await kim.allowOAuthClient({ clientId: 'desk' })
    expect(await callLookup(causeway.url, token)).toMatchObject({ structuredContent: { status: 'packing' } })
  })

  test('are refused when they are of somebody else, for somebody else, over or not signed [B8.mcp-oauth, H2.credentials-required]', async () => {
    await using started = await start()
    const { idp, causeway, kim } = started
    await kim.allowOAuthClient({ clientId: 'desk', rights: ['runs:read'] })
    const aud = causeway.url
    const good = await asks(causeway.url, await idp.token({ aud }))
    expect(good.status).toBe(200)
    expect(await good.json()).toMatchObject({ actor: 'user:kim', rights: ['runs:read'] })

    const stranger = await generateKeyPair('ES256')
    const unsigned = [
      { alg: 'none' },
      { iss: idp.issuer, aud, sub: '1', client_id: 'desk', email: 'kim@harbour.example', exp: 4e9 },
    ]
      .map(part => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    const bad: Record<string, string> = {
      'for another service': await idp.token({ aud: 'https://mail.example' }),
      'for nobody': await idp.token({}),
      'of another issuer': await idp.token({ aud, iss: 'https://login.example' }),
      'of another client': await idp.token({ aud, client_id: 'other' }),
      'for another person': await idp.token({ aud, email: 'eve@harbour.example' }),
      'with an address that nobody has confirmed': await idp.token({ aud, email_verified: false }),
      'with the key of a stranger': await idp.token({ aud }, { key: stranger.privateKey }),
      over: await idp.token({ aud }, { expires: '-2m' }),
      'not signed': `${unsigned}.`,
      'with an empty signature': `${unsigned}.AA`,
    }
    for (const [what, token] of Object.entries(bad)) {
      const { status } = await asks(causeway.url, token)
      expect([what, status]).toEqual([what, 401])
    }
    // A key of a machine is nobody whom a client could act for.
    await expect(causeway.admin.allowOAuthClient({ clientId: 'desk' })).rejects.toMatchObject({
      code: 'invalid-request',
    })
  })

  test('cannot be checked while the server is away, which is no refusal [B8.mcp-oauth]', async () => {
    await using started = await start()
    const { idp, causeway } = started
    const token = await idp.token({ aud: causeway.url })
    await idp[Symbol.asyncDispose]().catch(() => undefined)
    const answer = await asks(causeway.url, token)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
    expect((await asks(causeway.url, causeway.adminKey)).status).toBe(200)
  })
})
