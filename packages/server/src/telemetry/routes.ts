import { CausewayError, Trace } from '@causeway/contracts'
import * as z from 'zod'
import type { Database } from '../database/index.ts'
import type { App } from '../http/index.ts'
import { readTrace } from './store.ts'

/** Traces as they are stored. */
export function traceRoutes(app: App, { database }: { database: Database }): void {
  app.get(
    '/v1/traces/:traceId',
    {
      config: { right: 'traces:read' },
      schema: {
        tags: ['traces'],
        summary: 'Read the spans of a trace',
        params: z.object({ traceId: z.string().regex(/^[0-9a-f]{32}$/, 'expected 32 hexadecimal digits') }),
        response: { 200: Trace },
      },
    },
    async ({ caller, params: { traceId } }) => {
      const spans = await readTrace(database.kysely, caller, traceId)
      if (spans.length === 0) throw new CausewayError('not-found', `No spans of the trace ${traceId} are stored here.`)
      return { traceId, spans }
    },
  )
}
