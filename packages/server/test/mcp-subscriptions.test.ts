import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Manifest, type ManifestInput } from '@causeway/contracts'
import { createScriptedModel } from '@causeway/sdk/testing'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node'
import { ResourceNotFoundError, Server } from '@modelcontextprotocol/server'
import { expect, test } from 'vitest'
import { anyKind } from '../src/database/testing/index.ts'
import { clerkManifests } from '../src/testing/scripted-world.ts'
import { startTestPlatform } from '../src/testing/start-test-platform.ts'

const [tide, wind] = ['harbour://tide', 'harbour://wind']

/** A server with sessions that tells those who follow a resource when it changes. */
async function tidalServer({ subscribe = true } = {}) {
  const transports = new Map<string, NodeStreamableHTTPServerTransport>()
  const followers = new Map<Server, string>()
  let level = 1
  const build = (): Server => {
    const server = new Server({ name: 'tidal', version: '1' }, { capabilities: { resources: { subscribe } } })
    Object.assign(server, { onclose: () => followers.delete(server) })
    server.setRequestHandler('resources/list', () => ({ resources: [tide, wind].map(uri => ({ uri, name: uri })) }))
    server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: [] }))
    server.setRequestHandler('resources/read', ({ params: { uri } }) => {
      if (uri !== tide && uri !== wind) throw new ResourceNotFoundError(uri)
      return { contents: [{ uri, text: `${level} m` }] }
    })
    if (!subscribe) return server
    server.setRequestHandler('resources/subscribe', ({ params: { uri } }) => (followers.set(server, uri), {}))
    server.setRequestHandler('resources/unsubscribe', () => (followers.delete(server), {}))
    return server
  }
  const http = createServer(
    (message, response) =>
      void (async () => {
        const id = String(message.headers['mcp-session-id'])
        let transport = transports.get(id)
        if (!transport) {
          const made = new NodeStreamableHTTPServerTransport({
            sessionIdGenerator: randomUUID,
            onsessioninitialized: begun => void transports.set(begun, made),
          })
          transport = made
          await build().connect(made)
        }
        await transport.handleRequest(message, response)
      })(),
  )
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    followers: () => [...followers.values()].toSorted(),
    /** @param times how often it is told */
    async change(uri: string, times = 1) {
      level++
      for (let time = 0; time < times; time++)
        for (const [server, followed] of followers) if (followed === uri) await server.sendResourceUpdated({ uri })
    },
    /** All connections break, as if the server had begun anew. */
    forget() {
      transports.clear()
      followers.clear()
      http.closeAllConnections()
    },
    async [Symbol.asyncDispose]() {
      http.closeAllConnections()
      await new Promise(resolve => http.close(resolve))
    },
  }
}

async function start(options?: { subscribe: boolean }) {
  await using parts = new AsyncDisposableStack()
  const server = parts.use(await tidalServer(options))
  const model = parts.use(await createScriptedModel({}))
  const causeway = parts.use(await startTestPlatform({ kind: anyKind }))
  const spec = { transport: { type: 'mcp-http' as const, url: server.url } }
  await causeway.apply({ kind: 'ToolServer', name: 'tidal', spec })
  const offered = await causeway.admin.toolServers.tools('tidal')
  const drafts = offered.flatMap(({ manifest }) => (manifest ? [Manifest.parse(manifest)] : []))
  const governed = drafts.map((each): ManifestInput =>
    each.kind === 'Tool' ? { ...each, spec: { ...each.spec, risk: 1 } } : each,
  )
  await causeway.apply(...clerkManifests(model, governed))
  const connect = async () => {
    const client = new Client({ name: 'test', version: '1' })
    const told: string[] = []
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => void told.push(params.uri))
    const url = new URL(`${causeway.url}/v1/agents/clerk/mcp`)
    const transport = new StreamableHTTPClientTransport(url, {
      requestInit: { headers: { authorization: `Bearer ${causeway.adminKey}` } },
    })
    await client.connect(transport)
    return { client, transport, told }
  }
  const owned = parts.move()
  return { server, causeway, connect, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

test('a client of MCP is told when a resource changes that it follows, and of no other, until it leaves [B8.mcp-server]', async () => {
  await using world = await start()
  const { server, causeway } = world
  const { client, transport, told } = await world.connect()
  const other = await world.connect()
  expect(client.getServerCapabilities()?.resources).toEqual({ subscribe: true })
  await client.subscribeResource({ uri: tide })
  await client.subscribeResource({ uri: tide })
  await other.client.subscribeResource({ uri: wind })
  expect(server.followers()).toEqual([tide, wind])
  // To follow is decided and recorded as to read is.
  const runs = (await causeway.admin.runs.list({ agent: 'clerk' })).data
  expect(runs).toHaveLength(2)

  await server.change(tide, 50)
  await expect.poll(() => told, { timeout: 10_000 }).toEqual([tide])
  expect(await client.readResource({ uri: tide })).toMatchObject({ contents: [{ text: '2 m' }] })
  expect(other.told).toEqual([])

  // What changed while the server was away is not known.
  server.forget()
  await expect.poll(() => server.followers(), { timeout: 10_000 }).toEqual([tide, wind])
  await expect.poll(() => told, { timeout: 10_000 }).toEqual([tide, tide])

  await client.unsubscribeResource({ uri: tide })
  await expect.poll(() => server.followers(), { timeout: 10_000 }).toEqual([wind])
  await server.change(tide)
  await sleep(300)
  expect(told).toEqual([tide, tide])
  await transport.terminateSession()
  await other.transport.terminateSession()
  await expect.poll(() => server.followers(), { timeout: 10_000 }).toEqual([])
})

test('nobody follows what may not be read, is not there, does not tell, or is too much [B8.mcp-server, C1.hostile-input]', async () => {
  await using silent = await start({ subscribe: false })
  await expect((await silent.connect()).client.subscribeResource({ uri: tide })).rejects.toThrow(
    'The tool server tidal does not tell when a resource changes.',
  )
  await using world = await start()
  const { client } = await world.connect()
  await expect(client.subscribeResource({ uri: 'harbour://nothing' })).rejects.toThrow('harbour://nothing')
  const readers = (await world.causeway.admin.manifests.list({ kind: 'Tool' })).data
  const [reader] = readers.filter(({ name }) => name.endsWith('read-resource'))
  await world.causeway.admin.freezes.set({ kind: 'tool', name: reader?.name ?? '', reason: 'test' })
  await expect
    .poll(() => client.subscribeResource({ uri: tide }).catch(String), { timeout: 10_000 })
    .toContain('frozen')
  expect(world.server.followers()).toEqual([])
})
