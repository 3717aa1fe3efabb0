import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { expect, test } from 'vitest'
import { anyKind } from '../src/database/testing/index.ts'
import { calls, startScriptedWorld, type ScriptedWorld } from '../src/testing/scripted-world.ts'

const start = (): Promise<ScriptedWorld> =>
  startScriptedWorld({
    kind: anyKind,
    model: { respond: ({ messages }) => (messages.length < 3 ? calls('lookup') : { text: 'Packing.' }) },
    tools: { lookup: () => ({ status: 'packing' }) },
  })

/** Reads an answer to its end. @returns how it ended */
async function endOf(response: Response): Promise<'cut' | 'whole'> {
  expect(response.status).toBe(200)
  try {
    await response.text()
    return 'whole'
  } catch {
    return 'cut'
  }
}

test('connections that last end with the key that opened them, whatever they bring, and no others [H2.keys-revoked, H2.keys-expire]', async () => {
  await using world = await start()
  const { url, admin, clientOf, apply } = world.causeway
  const spec = {
    description: 'Served by a worker.',
    input: { type: 'object' },
    implementation: { type: 'worker' },
  } as const
  await apply({ kind: 'Tool', name: 'served', spec })
  const { sessionId } = await admin.runs.createAndWait({ agent: 'clerk', input: 'Where is 1042?' })
  const paths = {
    events: `/v1/sessions/${sessionId}/events`,
    worker: '/v1/workers/connect?tools=served',
    mcp: '/v1/agents/clerk/mcp',
  }
  const open = async (key: string) => {
    const headers = { authorization: `Bearer ${key}`, accept: 'text/event-stream' }
    const socket = new WebSocket(url.replace('http', 'ws') + paths.events, { headers })
    await once(socket, 'open')
    const begun = await fetch(url + paths.mcp, {
      method: 'POST',
      headers: { ...headers, accept: 'application/json, text/event-stream', 'content-type': 'application/json' },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
      }),
    })
    await begun.text()
    const ofMcp = { ...headers, 'mcp-session-id': begun.headers.get('mcp-session-id') ?? '' }
    const ends = [
      once(socket, 'close').then(([code]) => (code === 1006 ? 'cut' : 'whole')),
      endOf(await fetch(url + paths.events, { headers })),
      endOf(await fetch(url + paths.worker, { headers })),
      endOf(await fetch(url + paths.mcp, { headers: ofMcp })),
    ]
    return Promise.all(ends)
  }
  const revoked = await clientOf('admin')
  const kept = await clientOf('admin')
  const expiring = await clientOf('admin', { expiresInSeconds: 8 })
  const overAt = performance.now() + 8000
  const [ended, going, expired] = [open(revoked.key), open(kept.key), open(expiring.key)]
  void going.catch(() => undefined)
  await sleep(1000)
  expect(await Promise.race([ended, sleep(0, 'open')])).toBe('open')
  await admin.apiKeys.revoke(revoked.id)
  expect(await Promise.race([ended, sleep(2500, 'still open')])).toEqual(['cut', 'cut', 'cut', 'cut'])
  expect(await Promise.race([expired, sleep(overAt + 2500 - performance.now(), 'still open')])).toEqual([
    'cut',
    'cut',
    'cut',
    'cut',
  ])
  expect(await Promise.race([going, sleep(0, 'open')])).toBe('open')
})
