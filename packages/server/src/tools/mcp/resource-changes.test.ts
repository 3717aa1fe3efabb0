import { Client, InMemoryTransport } from '@modelcontextprotocol/client'
import { Server } from '@modelcontextprotocol/server'
import { expect, test } from 'vitest'
import { createResourceChanges } from './resource-changes.ts'
import type { ToolServerConnection } from './tool-servers.ts'

const uri = 'harbour://tide'

/** A connection to a server that agrees to tell of changes, and breaks off. */
async function open(): Promise<ToolServerConnection> {
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  const server = new Server({ name: 'tidal', version: '1' }, { capabilities: { resources: { subscribe: true } } })
  server.setRequestHandler('resources/subscribe', () => {
    setTimeout(() => void server.close(), 20)
    return {}
  })
  await server.connect(theirs)
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(ours)
  return {
    client,
    definitions: async () => [],
    list: async () => [],
    ask: question => question(client),
    redact: text => text,
    failure: String,
    [Symbol.asyncDispose]: () => client.close(),
  }
}

test('a server that breaks off again and again is asked less and less often [B8.mcp-server]', async () => {
  let opened = 0
  const changes = createResourceChanges({
    servers: {
      open: async () => {
        opened++
        return open()
      },
    },
  })
  const stop = new AbortController()
  const scope = { organisationId: 'o', environmentId: 'e' }
  const startedAt = performance.now()
  await changes.follow({ scope, server: 'tidal', uri }, () => undefined, stop.signal)
  await expect.poll(() => opened, { timeout: 15_000 }).toBe(3)
  stop.abort()
  // After one second and after two more; each second it would have been after two.
  expect(performance.now() - startedAt).toBeGreaterThan(2900)
})
