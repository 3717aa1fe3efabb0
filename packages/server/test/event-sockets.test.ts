import { once } from 'node:events'
import type { LiveFrame, SessionEvent } from '@causeway/contracts'
import { WebSocket } from 'ws'
import { describe, expect, test } from 'vitest'
import { databaseKinds } from '../src/database/testing/index.ts'
import { calls, startScriptedWorld } from '../src/testing/scripted-world.ts'

type StreamItem = SessionEvent | LiveFrame

const socketTo = (url: string, headers: Record<string, string>): WebSocket =>
  new WebSocket(url.replace('http', 'ws'), { headers })

/** All that a socket brings until it is closed. */
async function received(socket: WebSocket): Promise<{ items: StreamItem[]; code: number }> {
  const items: StreamItem[] = []
  socket.on('message', (data: Buffer) => items.push(JSON.parse(data.toString('utf8'))))
  const [code] = (await once(socket, 'close')) as [number]
  return { items, code }
}

/** The status with which a socket is refused. */
async function refusal(socket: WebSocket): Promise<number | undefined> {
  socket.on('error', () => undefined)
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode?: number }]
  socket.terminate()
  return response.statusCode
}

describe.each(databaseKinds)('an event log over a WebSocket on %s', kind => {
  test('is followed until the run ends, and gone on with after the last event [A1.websocket]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: {
        respond: ({ messages }) =>
          messages.at(-1)?.role === 'user' ? calls('lookup') : { text: 'Packing.', delayMs: 300 },
      },
      tools: { lookup: () => ({ status: 'packing' }) },
    })
    const { url, admin, adminKey } = world.causeway
    const headers = { authorization: `Bearer ${adminKey}` }
    const run = await admin.runs.create({ agent: 'clerk', input: 'Where is 1042?' })
    const { items, code } = await received(socketTo(`${url}/v1/runs/${run.id}/events`, headers))
    expect(code).toBe(1000)
    const events = items.filter(item => 'sequence' in item)
    expect(events).toEqual(await admin.runs.events(run.id))
    expect(items.some(({ type }) => type === 'text-delta')).toBe(true)

    const after = events[2]?.sequence ?? 0
    const rest = await received(socketTo(`${url}/v1/runs/${run.id}/events?after=${after}`, headers))
    expect(rest.items).toEqual(events.slice(3))

    // The log of a session has no end; the server says when it stops.
    const session = socketTo(`${url}/v1/sessions/${run.sessionId}/events`, headers)
    await once(session, 'message')
    const closed = received(session)
    await world.causeway.platform.close()
    expect((await closed).code).toBe(1001)
  })

  test('is for who may read it, and for no page of another site [A1.websocket, H2.cross-site-requests-refused, H1.tenancy]', async () => {
    await using world = await startScriptedWorld({ kind, model: { turns: [{ text: 'Hello.' }] } })
    const { url, admin, adminKey } = world.causeway
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'Hello' })
    const place = `${url}/v1/runs/${run.id}/events`
    expect(await refusal(socketTo(place, {}))).toBe(401)
    const stage = await world.causeway.clientOf('admin', { environment: 'stage' })
    expect(await refusal(socketTo(place, { authorization: `Bearer ${stage.key}` }))).toBe(404)
    const narrow = await admin.apiKeys.create({ name: 'narrow', role: 'operator', rights: ['secrets:read'] })
    expect(await refusal(socketTo(place, { authorization: `Bearer ${narrow.key}` }))).toBe(403)

    const signedIn = await fetch(`${url}/v1/auth/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url },
      body: JSON.stringify({ key: adminKey }),
    })
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
    const own = await received(socketTo(place, { cookie, origin: url }))
    expect(own.items.at(-1)).toMatchObject({ type: 'run-ended' })
    const other = await received(socketTo(place, { cookie, origin: 'https://evil.example' }))
    expect(other).toEqual({ items: [], code: 4403 })
  })
})
