import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { ManifestInput, ToolAuth } from '@causeway/contracts'
import { createScriptedModel } from '@causeway/sdk/testing'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, Server as McpServer } from '@modelcontextprotocol/server'
import { jwtVerify } from 'jose'
import { generate } from 'selfsigned'
import { describe, expect, test } from 'vitest'
import { clerkManifests } from '../src/testing/scripted-world.ts'
import { anyKind } from '../src/database/testing/index.ts'
import { startTestPlatform, type TestPlatform } from '../src/testing/start-test-platform.ts'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const clientSecret = 'a/secret of: the client'
const environment = {
  CAUSEWAY_SECRET_CLIENT: clientSecret,
  CAUSEWAY_SECRET_SIGNING: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
}

interface Listening extends AsyncDisposable {
  port: number
}

async function listening(server: Server & { closeAllConnections(): void }): Promise<Listening> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return body
}

/** RFC 6749, section 2.3.1: both parts are encoded as in a form. */
const formDecoded = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '))

const answer = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** An MCP server of one tool, for who has the right token. */
const mcpHandler = toNodeHandler(
  createMcpHandler(() => {
    const server = new McpServer({ name: 'harbour', version: '1' }, { capabilities: { tools: {} } })
    server.setRequestHandler('tools/list', () => ({
      tools: [{ name: 'look', description: 'Finds a ship.', inputSchema: { type: 'object' } }],
    }))
    return server
  }),
)
async function mcp(known: boolean, request: IncomingMessage, response: ServerResponse, body: string): Promise<void> {
  if (!known) return answer(response, 401, { error: 'who are you' })
  await mcpHandler(request as Parameters<typeof mcpHandler>[0], response, JSON.parse(body || 'null'))
}

/** An authorization server (RFC 6749) whose tokens hold so many seconds, and an API that takes its last token and says who is asked for. */
async function startApi({ expiresIn = 3600 } = {}) {
  const grants: { form: Record<string, string>; authorization: string | undefined }[] = []
  const seen: (string | undefined)[] = []
  let valid = ''
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { authorization } = request.headers
    if (request.url === '/token') {
      grants.push({ form: Object.fromEntries(new URLSearchParams(await bodyOf(request))), authorization })
      const [id, secret] = Buffer.from(authorization?.slice(6) ?? '', 'base64')
        .toString()
        .split(':')
        .map(formDecoded)
      if (id !== 'causeway' || secret !== clientSecret)
        return answer(response, 401, { error: 'invalid_client', error_description: `not ${clientSecret}` })
      valid = `token-${grants.length}`
      return answer(response, 200, { access_token: valid, token_type: 'Bearer', expires_in: expiresIn })
    }
    const body = await bodyOf(request)
    seen.push(authorization)
    if (request.url === '/mcp') return mcp(authorization === `Bearer ${valid}`, request, response, body)
    return authorization === `Bearer ${valid}`
      ? answer(response, 200, { echo: authorization })
      : answer(response, 401, { error: 'who are you' })
  }
  const server = await listening(createServer((request, response) => void handle(request, response)))
  return { ...server, url: `http://127.0.0.1:${server.port}`, grants, seen, revoke: () => (valid = 'none') }
}

const tool = (url: string, auth: ToolAuth): ManifestInput => ({
  kind: 'Tool',
  name: 'look',
  spec: {
    description: 'Looks something up.',
    input: { type: 'object', properties: {} },
    effect: 'read',
    risk: 1,
    implementation: { type: 'http', method: 'POST', url, auth },
  },
})

const credentials = (url: string): Extract<ToolAuth, { type: 'oauth2-client-credentials' }> => ({
  type: 'oauth2-client-credentials',
  tokenUrl: `${url}/token`,
  clientId: 'causeway',
  clientSecret: { secret: 'CLIENT' },
  scopes: ['orders.read', 'orders.write'],
  audience: 'orders',
})

/** What the tool has answered to a call of an agent, or why it could not. */
async function look(causeway: TestPlatform, manifest?: ManifestInput): Promise<string> {
  await using model = await createScriptedModel({
    turns: [{ toolCalls: [{ name: 'look', arguments: {} }] }, { text: 'Done.' }],
  })
  const manifests = manifest ? [manifest] : []
  await causeway.apply(
    ...clerkManifests(model, manifests).map(each =>
      each.kind === 'Agent' ? { ...each, spec: { ...each.spec, tools: ['look'] } } : each,
    ),
  )
  const run = await causeway.admin.runs.createAndWait({ agent: 'clerk', input: 'Look.' })
  const events = await causeway.admin.runs.events(run.id)
  return JSON.stringify(
    events.flatMap(({ type, data }) => (type === 'tool-responded' ? [data.output ?? data.error?.message] : [])),
  )
}

describe('a tool that wants to know who calls', () => {
  test('is called with a token of the service, which is kept until it expires and does not come back in answers [B3.secrets-injected]', async () => {
    await using api = await startApi()
    await using causeway = await startTestPlatform({ kind: anyKind, environment })
    expect(await look(causeway, tool(`${api.url}/look`, credentials(api.url)))).toBe('[{"echo":"Bearer [secret]"}]')
    await look(causeway)
    expect(api.seen).toEqual(['Bearer token-1', 'Bearer token-1'])
    expect(api.grants.map(({ form }) => form)).toEqual([
      { grant_type: 'client_credentials', scope: 'orders.read orders.write', audience: 'orders' },
    ])
    api.revoke()
    expect(await look(causeway)).toContain('401')
    expect(await look(causeway)).toContain('Bearer [secret]')
    expect(api.grants).toHaveLength(2)
  })

  test('can be a tool server, which is asked for its tools with such a token [B3.secrets-injected]', async () => {
    await using api = await startApi()
    await using causeway = await startTestPlatform({ kind: anyKind, environment })
    const server = (clientId: string): ManifestInput => ({
      kind: 'ToolServer',
      name: 'harbour',
      spec: { transport: { type: 'mcp-http', url: `${api.url}/mcp`, auth: { ...credentials(api.url), clientId } } },
    })
    await causeway.apply(server('causeway'))
    const [offered] = await causeway.admin.toolServers.tools('harbour')
    expect(offered).toMatchObject({ tool: 'look', state: 'new' })
    expect(new Set(api.seen)).toEqual(new Set(['Bearer token-1']))
    await causeway.apply(server('somebody'))
    await expect(causeway.admin.toolServers.tools('harbour')).rejects.toThrow(/No token can be had/)
  })

  test('gets a new token when the last is about to expire', async () => {
    await using api = await startApi({ expiresIn: 20 })
    await using causeway = await startTestPlatform({ kind: anyKind, environment })
    await look(causeway, tool(`${api.url}/look`, credentials(api.url)))
    await look(causeway)
    expect(api.seen).toEqual(['Bearer token-1', 'Bearer token-2'])
  })

  test('is not called when no token can be had, and the reason names no secret', async () => {
    await using api = await startApi()
    await using causeway = await startTestPlatform({ kind: anyKind, environment })
    const told = await look(causeway, tool(`${api.url}/look`, { ...credentials(api.url), clientId: 'somebody' }))
    expect(told).toContain('No token can be had for the tool: invalid_client')
    expect(told).not.toContain(clientSecret)
    expect(api.seen).toEqual([])
  })

  test('can be called in the name of who started the run: the token is exchanged, with the agent as actor [B3.on-behalf-of]', async () => {
    await using api = await startApi()
    await using causeway = await startTestPlatform({ kind: anyKind, environment })
    const { type: _type, ...endpoint } = credentials(api.url)
    const assertion = { key: { secret: 'SIGNING' }, algorithm: 'ES256', issuer: 'https://causeway.example' } as const
    await look(causeway, tool(`${api.url}/look`, { type: 'oauth2-token-exchange', ...endpoint, assertion }))
    const { grant_type: grant, subject_token: token = '', subject_token_type: kind } = api.grants[0]?.form ?? {}
    expect([grant, kind]).toEqual([
      'urn:ietf:params:oauth:grant-type:token-exchange',
      'urn:ietf:params:oauth:token-type:jwt',
    ])
    const { payload } = await jwtVerify(token, publicKey, { issuer: assertion.issuer, audience: endpoint.tokenUrl })
    const { actor } = await causeway.admin.me()
    expect(payload).toMatchObject({ sub: actor, act: { sub: 'agent:clerk' } })
    expect(api.seen).toEqual(['Bearer token-1'])
  })

  test('can be called with a token that is signed here [B3.on-behalf-of]', async () => {
    await using api = await startApi()
    await using causeway = await startTestPlatform({ kind: anyKind, environment })
    const auth = {
      type: 'jwt',
      key: { secret: 'SIGNING' },
      algorithm: 'ES256',
      issuer: 'causeway',
      audience: 'orders',
      keyId: 'k1',
    } as const
    await look(causeway, tool(`${api.url}/look`, auth))
    const { payload, protectedHeader } = await jwtVerify(api.seen[0]?.slice(7) ?? '', publicKey, { audience: 'orders' })
    expect(protectedHeader).toMatchObject({ alg: 'ES256', kid: 'k1' })
    expect(payload).toMatchObject({ iss: 'causeway', act: { sub: 'agent:clerk' } })
  })

  test('can be shown a client certificate [B3.secrets-injected]', async () => {
    const certificateOf = (name: string) =>
      generate([{ name: 'commonName', value: name }], {
        keyType: 'ec',
        extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
      })
    const [own, client] = await Promise.all([certificateOf('server'), certificateOf('client')])
    const options = {
      key: own.private,
      cert: own.cert,
      ca: client.cert,
      requestCert: true,
      rejectUnauthorized: true,
    }
    await using server = await listening(
      createTlsServer(options, (request, response) => {
        const { socket } = request
        answer(response, 200, { client: socket instanceof TLSSocket ? socket.getPeerCertificate().subject.CN : null })
      }),
    )
    await using causeway = await startTestPlatform({
      kind: anyKind,
      environment: {
        CAUSEWAY_SECRET_CERTIFICATE: client.cert,
        CAUSEWAY_SECRET_CERTIFICATE_KEY: client.private,
        CAUSEWAY_SECRET_AUTHORITIES: own.cert,
      },
    })
    const auth = {
      type: 'mtls',
      certificate: { secret: 'CERTIFICATE' },
      key: { secret: 'CERTIFICATE_KEY' },
      authorities: { secret: 'AUTHORITIES' },
    } as const
    expect(await look(causeway, tool(`https://127.0.0.1:${server.port}/look`, auth))).toBe('[{"client":"client"}]')
  })

  test('sends its secret to nobody over a connection that others can read [H3.secrets-only-as-handles]', async () => {
    await using causeway = await startTestPlatform({ kind: anyKind, environment })
    const manifest = tool('https://tools.example/look', credentials('http://login.example'))
    await expect(causeway.apply(manifest)).rejects.toMatchObject({ code: 'invalid-manifest' })
  })

  test('may not have a header beside it that says the same', async () => {
    await using causeway = await startTestPlatform({ kind: anyKind, environment })
    const manifest = tool('https://tools.example/look', credentials('https://login.example'))
    if (manifest.kind === 'Tool' && manifest.spec.implementation.type === 'http')
      manifest.spec.implementation.headers = { Authorization: { secret: 'CLIENT' } }
    await expect(causeway.apply(manifest)).rejects.toMatchObject({ code: 'invalid-manifest' })
  })
})
