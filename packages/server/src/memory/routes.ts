import { CausewayError, Memory, MemoryPage, MemoryQuery } from '@causeway/contracts'
import * as z from 'zod'
import type { Audit } from '../audit/index.ts'
import type { Database } from '../database/index.ts'
import { decodeCursor, encodeCursor, pageFrom, type App } from '../http/index.ts'
import { eraseMemory, listMemories } from './store.ts'

const tags = ['memories']

/** What agents have remembered: list, and erase. */
export function memoryRoutes(app: App, { database, audit }: { database: Database; audit: Audit }): void {
  app.get(
    '/v1/memories',
    {
      config: { right: 'runs:read' },
      schema: {
        tags,
        summary: 'List what agents have remembered, newest first',
        querystring: MemoryQuery,
        response: { 200: MemoryPage },
      },
    },
    async ({ caller, query: { cursor, limit, ...filters } }) => {
      const before = cursor ? decodeCursor(cursor) : undefined
      const memories = await listMemories(database.kysely, caller, filters, { before, limit: limit + 1 })
      return pageFrom(memories, limit, encodeCursor)
    },
  )

  app.delete(
    '/v1/memories/:id',
    {
      config: { right: 'sessions:erase' },
      schema: {
        tags,
        summary: 'Erase a memory; what was said when it was made stays in its session',
        params: z.object({ id: z.string().max(100) }),
        response: { 200: Memory },
      },
    },
    async ({ caller, params: { id } }) =>
      database.transaction(async transaction => {
        const erased = await eraseMemory(transaction, caller, id)
        if (!erased) throw new CausewayError('not-found', `There is no memory ${id} in ${caller.environment}.`)
        await audit.record(transaction, {
          organisationId: caller.organisationId,
          environment: caller.environment,
          actor: caller.actor,
          action: 'memory.erased',
          subject: id,
          detail: { store: erased.store, person: erased.person },
        })
        return erased
      }),
  )
}
