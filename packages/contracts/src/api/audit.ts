import * as z from 'zod'
import { Instant } from '../names.ts'
import { pageOf, PageQuery } from '../paging.ts'

/** One row of the audit log. `hash` covers the row and the hash of the row before it. */
export const AuditEntry = z.object({
  sequence: z.number().int(),
  at: Instant,
  actor: z.string(),
  action: z.string(),
  environment: z.string().nullable(),
  subject: z.string(),
  detail: z.record(z.string(), z.unknown()),
  previousHash: z.string(),
  hash: z.string(),
})
export type AuditEntry = z.infer<typeof AuditEntry>

/** Filters of the audit log, newest first. */
export const AuditQuery = PageQuery.extend({
  action: z.string().max(100).optional(),
  actor: z.string().max(200).optional(),
  subject: z.string().max(200).optional(),
})
export type AuditQuery = z.input<typeof AuditQuery>
export const AuditPage = pageOf(AuditEntry)

/** Result of recomputing the chain of hashes. */
export const AuditVerification = z.object({
  valid: z.boolean(),
  entries: z.number().int(),
  head: z.string().describe('hash of the last row; keep it elsewhere to detect a cut tail'),
  firstBrokenSequence: z.number().int().nullable(),
  problem: z.string().nullable(),
})
export type AuditVerification = z.infer<typeof AuditVerification>
