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

/** Where the audit log ended at a time, signed by the platform. Kept elsewhere, it shows later whether all up to there is still as it was. */
export const SignedAuditHead = z.strictObject({
  organisationId: z.string().max(100),
  sequence: z.number().int().min(0),
  hash: z.string().regex(/^[\da-f]{64}$/),
  at: Instant,
  keyId: z.string().max(64).describe('the master key under which it is signed'),
  signature: z
    .string()
    .regex(/^[\da-f]{64}$/)
    .describe('HMAC-SHA256 over the other fields'),
})
export type SignedAuditHead = z.infer<typeof SignedAuditHead>

/** What is verified: the chain, and that it goes on from a head that was kept elsewhere. */
export const VerifyAudit = z.strictObject({ head: SignedAuditHead.optional() })
export type VerifyAudit = z.infer<typeof VerifyAudit>

/** Result of recomputing the chain of hashes. */
export const AuditVerification = z.object({
  valid: z.boolean(),
  entries: z.number().int(),
  removed: z
    .object({ sequence: z.number().int(), at: Instant })
    .optional()
    .describe('the last row that was removed because its time was over, and when'),
  head: z.string().describe('hash of the last row; keep it elsewhere to detect a cut tail'),
  firstBrokenSequence: z.number().int().nullable(),
  problem: z.string().nullable(),
})
export type AuditVerification = z.infer<typeof AuditVerification>
