import type { WebSocket } from '@fastify/websocket'
import { CausewayError } from '@causeway/contracts'
import type { FastifyRequest } from 'fastify'
import type { EventStream } from './event-stream.ts'
import { refuseOtherSites } from './cross-site.ts'

/** How often a reader must show that it is there, and how long one may take for what it was sent. Milliseconds. */
const [heartbeatMs, slowReaderMs] = [15_000, 30_000]

/** Codes of RFC 6455, section 7.4.1, and those for applications. */
const [normal, refused] = [1000, 4403]

/**
 * A stream of events over a WebSocket (RFC 6455): each event is one text message with JSON. What the reader sends means nothing.
 * A reader that was cut off opens it anew, with the number of its last event in "after".
 */
export function openEventSocket(socket: WebSocket): EventStream {
  const controller = new AbortController()
  let isThere = true
  const heartbeat = setInterval(() => {
    if (!isThere) return socket.terminate()
    isThere = false
    socket.ping()
  }, heartbeatMs)
  socket.on('pong', () => (isThere = true))
  socket.on('error', () => socket.terminate())
  socket.on('close', () => {
    clearInterval(heartbeat)
    controller.abort()
  })
  return {
    signal: controller.signal,
    send: ({ data }) => sent(socket, JSON.stringify(data), controller.signal),
    onClose: callback => controller.signal.addEventListener('abort', () => callback(), { once: true }),
    end: () => socket.close(normal, 'the log ends here'),
  }
}

/**
 * Whether a page may read what the cookie of the console shows: browsers open sockets to other sites, and ask nobody.
 * @returns false when the socket was closed
 */
export function isOwnSite({ caller, headers, host }: FastifyRequest, socket: WebSocket): boolean {
  if (!caller.byCookie) return true
  try {
    // It reads without being asked by a page of ours, as a change would be made.
    refuseOtherSites({ method: 'POST', headers, host })
    return true
  } catch (error) {
    socket.close(refused, error instanceof CausewayError ? error.code : '')
    return false
  }
}

/** Waits until the reader has taken a message; cuts it off when it does not, because its backlog is held in memory. */
function sent(socket: WebSocket, text: string, closed: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (closed.aborted) return resolve()
    const deadline = setTimeout(() => socket.terminate(), slowReaderMs)
    const done = (): void => {
      clearTimeout(deadline)
      closed.removeEventListener('abort', done)
      resolve()
    }
    closed.addEventListener('abort', done, { once: true })
    // An error is a reader that has left, which `close` tells.
    socket.send(text, done)
  })
}
