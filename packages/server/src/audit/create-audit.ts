import canonicalize from 'canonicalize'
import type { Connection } from '../database/index.ts'
import { appendAudit } from './store.ts'

/** What is written down: who did what to which thing. */
export interface AuditRecord {
  organisationId: string
  environment: string | null
  actor: string
  /** Noun and verb, such as `run.created`. */
  action: string
  subject: string
  detail: Record<string, unknown>
}

/** The append-only, hash-chained record of decisions, changes and use of keys. */
export interface Audit {
  /** Appends in the caller's transaction, so that a change and its record stand or fall together. */
  record(connection: Connection, entry: AuditRecord): Promise<void>
}

/** Largest detail that is kept, in characters of its JSON. */
const detailAtMost = 16_384

export function createAudit({ clock = () => new Date() }: { clock?: () => Date } = {}): Audit {
  return {
    async record(connection, { organisationId, environment, actor, action, subject, detail }) {
      const at = clock()
      const size = JSON.stringify(detail).length
      const kept = size > detailAtMost ? { omitted: `${size} characters` } : detail
      const body = canonicalize({ at: at.toISOString(), actor, action, environment, subject, detail: kept })
      if (body === undefined) throw new Error('the detail of an audit record is not JSON')
      await appendAudit(connection, { organisationId, environment, at, actor, action, subject, body })
    },
  }
}
