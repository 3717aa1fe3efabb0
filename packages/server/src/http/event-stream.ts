import { once } from 'node:events'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** An answer in the form of server-sent events (WHATWG HTML, "Server-sent events"). */
export interface EventStream {
  /** Aborted when the reader has left or the server stops. */
  readonly signal: AbortSignal
  /** Sends an event; waits while the reader is slow. */
  send(event: { event: string; data: unknown; id?: string }): Promise<void>
  onClose(callback: () => void): void
  end(): void
}

const heartbeatMs = 15_000
const open = new Set<AbortController>()

/** Turns the reply into a stream of events, with a comment now and then so that proxies keep it open. */
export function openEventStream(request: FastifyRequest, reply: FastifyReply): EventStream {
  reply.hijack()
  const response = reply.raw
  const controller = new AbortController()
  open.add(controller)
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  })
  response.flushHeaders()
  const heartbeat = setInterval(() => response.write(':\n\n'), heartbeatMs)
  const close = (): void => {
    clearInterval(heartbeat)
    open.delete(controller)
    controller.abort()
  }
  response.once('close', close)
  controller.signal.addEventListener('abort', () => response.end(), { once: true })
  request.raw.socket.setTimeout(0)
  return {
    signal: controller.signal,
    async send({ event, data, id }) {
      if (controller.signal.aborted) return
      const text = `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
      if (!response.write(text)) await once(response, 'drain', { signal: controller.signal }).catch(() => undefined)
    },
    onClose: callback => controller.signal.addEventListener('abort', callback, { once: true }),
    end: () => void response.end(),
  }
}

/** Ends every open stream, so that a server that stops does not wait for its readers. They resume with Last-Event-ID. */
export function endEventStreams(): void {
  for (const controller of open) controller.abort()
}

/** Whether the caller asks for events. */
export const wantsEventStream = ({ headers }: FastifyRequest): boolean => headers.accept?.includes('text/event-stream') ?? false

/** The number of the last event that the reader has, from a stream that was cut. */
export function lastEventId({ headers }: FastifyRequest): number | undefined {
  const value = headers['last-event-id']
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : undefined
}
