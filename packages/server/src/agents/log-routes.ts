import { EventPage, EventQuery } from '@causeway/contracts'
import * as z from 'zod'
import {
  isOwnSite,
  lastEventId,
  openEventSocket,
  openEventStream,
  wantsEventStream,
  type App,
  type Caller,
} from '../http/index.ts'
import { eventPage, streamEvents, type EventSource } from './event-source.ts'

const params = z.object({ id: z.string().max(100) })

interface LogRoute {
  url: string
  tags: string[]
  summary: string
  /** Which log it is. @throws CausewayError not-found */
  logOf: (caller: Caller, id: string) => Promise<{ sessionId: string; runId?: string }>
}

/** An event log: a page of it, or followed as server-sent events or over a WebSocket. */
export function logRoute(app: App, source: EventSource, { url, tags, summary, logOf }: LogRoute): void {
  app.route({
    method: 'GET',
    url,
    config: { right: 'runs:read' },
    schema: { tags, summary, params, querystring: EventQuery, response: { 200: EventPage } },
    // Before a socket is opened, so that who asks for what is not there is told as by any other request.
    preHandler: async ({ ws, caller, params: { id } }) => {
      if (ws) await logOf(caller, id)
    },
    handler: async (request, reply) => {
      const { caller, query } = request
      const log = { ...(await logOf(caller, request.params.id)), after: lastEventId(request) ?? query.after ?? 0 }
      if (!wantsEventStream(request)) return eventPage(source, caller, { ...log, limit: query.limit })
      await streamEvents(source, openEventStream(request, reply), caller, log)
      return reply
    },
    wsHandler: async (socket, request) => {
      if (!isOwnSite(request, socket)) return
      const stream = openEventSocket(socket)
      const { caller, query } = request
      const log = await logOf(caller, request.params.id)
      await streamEvents(source, stream, caller, { ...log, after: lastEventId(request) ?? query.after ?? 0 })
    },
  })
}
