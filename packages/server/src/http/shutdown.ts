import type { Socket } from 'node:net'
import { CausewayError } from '@causeway/contracts'
import type { App } from './create-app.ts'
import { endEventStreams } from './event-stream.ts'
import { isOfApi } from './authentication.ts'

/**
 * Lets running requests end when the server closes, for so many seconds at most. Streams end at once, their readers resume at another
 * replica; requests that still come in on open connections are told to try again.
 */
export function drainOnClose(app: App, drainSeconds: number): void {
  let closing = false
  /** Connections on which nothing was asked yet, as browsers and pools open them in advance; Node does not count them as idle. */
  const unused = new Set<Socket>()
  app.server.on('connection', (socket: Socket) => {
    unused.add(socket)
    socket.once('close', () => unused.delete(socket))
  })
  app.server.on('request', ({ socket }) => void unused.delete(socket))
  app.addHook('onRequest', async ({ url }, reply) => {
    if (!closing) return
    reply.header('connection', 'close')
    if (isOfApi(url) || url === '/readyz')
      throw new CausewayError('shutting-down', 'This replica takes no more requests.', { retryAfterSeconds: 1 })
  })
  app.addHook('preClose', async () => {
    closing = true
    endEventStreams(app)
    for (const socket of unused) socket.destroy()
    // A connection whose last request has just ended would stay open for the next one.
    const sweep = setInterval(() => app.server.closeIdleConnections(), 50)
    const deadline = setTimeout(() => app.server.closeAllConnections(), drainSeconds * 1000)
    app.server.once('close', () => {
      clearInterval(sweep)
      clearTimeout(deadline)
    })
  })
}
