import { AuditPage, AuditQuery, AuditVerification, CausewayError } from '@causeway/contracts'
import type { Database } from '../database/index.ts'
import { decodeCursor, encodeCursor, pageFrom, type App } from '../http/index.ts'
import { listAudit } from './store.ts'
import { verifyChain } from './verify-chain.ts'

/** The audit log of the caller's organisation: read and verify. */
export function auditRoutes(app: App, { database }: { database: Database }): void {
  app.get(
    '/v1/audit',
    {
      config: { right: 'audit:read' },
      schema: {
        tags: ['audit'],
        summary: 'Read the audit log, newest first',
        querystring: AuditQuery,
        response: { 200: AuditPage },
      },
    },
    async ({ caller, query: { cursor, limit, ...filters } }) => {
      const before = cursor ? sequenceIn(cursor) : undefined
      const entries = await listAudit(database.kysely, caller.organisationId, filters, { before, limit: limit + 1 })
      return pageFrom(entries, limit, encodeCursor, ({ sequence }) => String(sequence))
    },
  )

  app.post(
    '/v1/audit/verify',
    {
      config: { right: 'audit:read' },
      schema: { tags: ['audit'], summary: 'Recompute the chain of hashes', response: { 200: AuditVerification } },
    },
    async ({ caller }) => verifyChain(database.kysely, caller.organisationId),
  )
}

function sequenceIn(cursor: string): number {
  const sequence = Number(decodeCursor(cursor))
  if (!Number.isSafeInteger(sequence))
    throw new CausewayError('invalid-cursor', `"${cursor}" is not a cursor of the audit log.`)
  return sequence
}
