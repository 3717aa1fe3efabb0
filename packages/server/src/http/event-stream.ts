import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** An answer in the form of server-sent events (WHATWG HTML, "Server-sent events"). */
export interface EventStream {
  /** Aborted when the reader has left or the server stops. */
  readonly signal: AbortSignal
  /** Sends an event; waits while the reader is slow, and gives up a reader that takes nothing for half a minute. */
  send(event: { event: string; data: unknown; id?: string }): Promise<void>
  onClose(callback: () => void): void
  end(): void
}

/** Proxies commonly cut a connection on which nothing passes for 30 to 60 seconds. */
const heartbeatMs = 15_000
const slowReaderMs = 30_000

const openStreams = new WeakMap<FastifyInstance['server'], Set<(comment: string) => void>>()

/** Turns the reply into a stream of events, with a comment now and then so that proxies keep it open. */
export function openEventStream(request: FastifyRequest, reply: FastifyReply): EventStream {
  reply.hijack()
  const response = reply.raw
  const controller = new AbortController()
  response.writeHead(200, {
    ...headersOf(reply),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // nginx would hold events back to fill its buffers.
    'x-accel-buffering': 'no',
  })
  response.flushHeaders()
  request.raw.socket.setTimeout(0)

  const streams = streamsOf(request.server)
  const finish = (comment: string): void => void response.end(`: ${comment}\n\n`)
  streams.add(finish)
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain) response.write(':\n\n')
  }, heartbeatMs)
  response.once('close', () => {
    clearInterval(heartbeat)
    streams.delete(finish)
    controller.abort()
  })
  return {
    signal: controller.signal,
    async send({ event, data, id }) {
      if (controller.signal.aborted || response.writableEnded) return
      const text = `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
      if (!response.write(text)) await drained(response, controller.signal)
    },
    onClose: callback => controller.signal.addEventListener('abort', () => callback(), { once: true }),
    end: () => void response.end(),
  }
}

/** Ends every open stream of a server, so that one that stops does not wait for its readers. They resume with Last-Event-ID. */
export function endEventStreams({ server }: Pick<FastifyInstance, 'server'>): void {
  for (const finish of openStreams.get(server) ?? []) finish('the server stops; resume with Last-Event-ID')
}

/** Whether the caller asks for events. */
export const wantsEventStream = ({ headers }: FastifyRequest): boolean =>
  headers.accept?.includes('text/event-stream') ?? false

/** The number of the last event that the reader has, from a stream that was cut. */
export function lastEventId({ headers }: FastifyRequest): number | undefined {
  const value = headers['last-event-id']
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : undefined
}

function streamsOf({ server }: FastifyInstance): Set<(comment: string) => void> {
  const streams = openStreams.get(server) ?? new Set()
  openStreams.set(server, streams)
  return streams
}

/** What hooks have set on the reply, which a hijacked answer would lose. */
const headersOf = (reply: FastifyReply): Record<string, string> =>
  Object.fromEntries(Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]))

/** Waits until the reader has taken what was written; cuts it off when it does not, because its backlog is held in memory. */
function drained(response: ServerResponse, closed: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const deadline = setTimeout(() => response.destroy(), slowReaderMs)
    const done = (): void => {
      clearTimeout(deadline)
      response.removeListener('drain', done)
      closed.removeEventListener('abort', done)
      resolve()
    }
    response.once('drain', done)
    closed.addEventListener('abort', done, { once: true })
  })
}
