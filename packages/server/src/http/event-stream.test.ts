import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { connect } from 'node:net'
import { CausewayError } from '@causeway/contracts'
import { expect, test } from 'vitest'
import { lastEventId, openEventStream, type App, type EventStream } from './index.ts'
import { startApp } from './testing/start-app.ts'

const streaming = (use: (stream: EventStream, lastId: number | undefined) => unknown) => (app: App) => {
  app.get('/v1/stream', { config: { right: 'runs:read' } }, async (request, reply) => {
    await use(openEventStream(request, reply), lastEventId(request))
    return reply
  })
}

test('events are sent with their ids, and a reader that comes back says which it has', async () => {
  await using server = await startApp(
    streaming(async (stream, lastId) => {
      await stream.send({ event: 'run-ended', data: { text: 'a\nb' }, id: String((lastId ?? 0) + 1) })
      stream.end()
    }),
  )
  const response = await server.request('/v1/stream', { headers: { 'last-event-id': '41' } })
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect(await response.text()).toBe('id: 42\nevent: run-ended\ndata: {"text":"a\\nb"}\n\n')
})

test('a reader that leaves ends the work for it', async () => {
  const { promise: left, resolve } = Promise.withResolvers<void>()
  await using server = await startApp(
    streaming(async stream => (stream.onClose(resolve), await stream.send({ event: 'a', data: 1 }))),
  )
  const leave = new AbortController()
  const response = await server.request('/v1/stream', { signal: leave.signal })
  await response.body?.getReader().read()
  leave.abort()
  await expect(left).resolves.toBeUndefined()
})

test('a slow reader slows the sender down instead of filling the memory', async () => {
  let sent = 0
  await using server = await startApp(
    streaming(async stream => {
      while (sent < 1000 && !stream.signal.aborted) {
        await stream.send({ event: 'piece', data: 'x'.repeat(100_000) })
        sent++
      }
    }),
  )
  const { port, hostname } = new URL(server.url)
  const socket = connect({ port: Number(port), host: hostname })
  socket.write('GET /v1/stream HTTP/1.1\r\nhost: a\r\nauthorization: Bearer admin\r\n\r\n')
  socket.pause()
  await delay(300)
  const stoppedAt = sent
  await delay(100)
  expect(sent).toBe(stoppedAt)
  expect(sent).toBeLessThan(200)
  socket.destroy()
})

test('a server that closes ends its streams at once, lets requests end, and refuses new ones [G4.graceful-shutdown]', async () => {
  const { promise: finish, resolve: finishSlow } = Promise.withResolvers<void>()
  const server = await startApp(app => {
    streaming(stream => stream.send({ event: 'a', data: 1 }))(app)
    app.get('/v1/slow', { config: { right: 'runs:read' } }, async () => (await finish, { done: true }))
  })
  const other = await startApp(streaming(stream => stream.send({ event: 'a', data: 1 })))
  const stream = await server.request('/v1/stream')
  const otherStream = await other.request('/v1/stream')
  const slow = server.request('/v1/slow')
  await delay(50)
  const closed = server.app.close()
  expect(await stream.text()).toMatch(/event: a[^]*: the server stops/)
  await expect(Promise.race([closed, delay(50, 'still open')])).resolves.toBe('still open')
  await expect(server.request('/v1/slow')).rejects.toThrow('fetch failed')
  finishSlow()
  expect(await (await slow).json()).toEqual({ done: true })
  await closed

  // Another server in the same process goes on.
  const reader = otherStream.body?.getReader()
  await reader?.read()
  await expect(Promise.race([reader?.read(), delay(50, 'still open')])).resolves.toBe('still open')
  await reader?.cancel()
  await other.app.close()
})

test('a connection on which nothing was asked yet does not hold up a server that closes [G4.graceful-shutdown]', async () => {
  const server = await startApp(() => undefined)
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  await once(socket, 'connect')
  const before = performance.now()
  await Promise.all([server.app.close(), once(socket, 'close')])
  expect(performance.now() - before).toBeLessThan(2000)
})

test('a request that does not end is cut off when the time to drain is up', async () => {
  const server = await startApp(
    app => void app.get('/v1/stuck', { config: { right: 'runs:read' } }, () => new Promise(() => undefined)),
    { drainSeconds: 0.2 },
  )
  const stuck = server.request('/v1/stuck').catch((error: unknown) => error)
  await delay(50)
  const before = performance.now()
  await server.app.close()
  expect(performance.now() - before).toBeLessThan(2000)
  expect(await stuck).toBeInstanceOf(TypeError)
})

test('an error before the stream begins is a problem document', async () => {
  await using server = await startApp(app => {
    app.get('/v1/stream', { config: { right: 'runs:read' } }, async () => {
      throw new CausewayError('not-found', 'There is no run.')
    })
  })
  expect((await server.request('/v1/stream', { headers: { accept: 'text/event-stream' } })).status).toBe(404)
})
