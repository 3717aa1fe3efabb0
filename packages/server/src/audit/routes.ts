import {
  AuditPage,
  AuditQuery,
  AuditVerification,
  CausewayError,
  SignedAuditHead,
  VerifyAudit,
} from '@causeway/contracts'
import type { Database } from '../database/index.ts'
import { decodeCursor, encodeCursor, pageFrom, type App } from '../http/index.ts'
import { signHead, type HeadKeys } from './signed-head.ts'
import { auditHead, listAudit } from './store.ts'
import { verifyAgainst, verifyChain } from './verify-chain.ts'

/** The audit log of the caller's organisation: read and verify. */
export function auditRoutes(app: App, { database, keys }: { database: Database; keys: HeadKeys }): void {
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
      schema: {
        tags: ['audit'],
        summary: 'Recompute the chain of hashes, and compare it with a head that was kept elsewhere',
        body: VerifyAudit.nullish(),
        response: { 200: AuditVerification },
      },
    },
    async ({ caller, body }) => {
      const { organisationId } = caller
      if (body?.head) return verifyAgainst(database.kysely, organisationId, { head: body.head, keys })
      return verifyChain(database.kysely, organisationId, keys)
    },
  )

  app.get(
    '/v1/audit/head',
    {
      config: { right: 'audit:read' },
      schema: {
        tags: ['audit'],
        summary: 'Where the log ends now, signed; to be kept elsewhere',
        response: { 200: SignedAuditHead },
      },
    },
    async ({ caller: { organisationId } }) => {
      const head = await auditHead(database.kysely, organisationId)
      return signHead(keys.newest(), { organisationId, ...head, at: new Date().toISOString() })
    },
  )
}

function sequenceIn(cursor: string): number {
  const sequence = Number(decodeCursor(cursor))
  if (!Number.isSafeInteger(sequence))
    throw new CausewayError('invalid-cursor', `"${cursor}" is not a cursor of the audit log.`)
  return sequence
}
