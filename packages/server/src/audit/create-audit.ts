import type { Connection } from '../database/index.ts'
import { auditBody, cleanText } from './audit-body.ts'
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
  /**
   * Appends in the caller's transaction, so that a change and its record stand or fall together. Make it the last step: until the
   * transaction ends, other records of the organisation wait for it.
   */
  record(connection: Connection, entry: AuditRecord): Promise<void>
}

export function createAudit({ clock = () => new Date() }: { clock?: () => Date } = {}): Audit {
  return {
    async record(connection, { organisationId, environment, detail, ...said }) {
      const at = clock()
      const [actor, action, subject] = [cleanText(said.actor), cleanText(said.action), cleanText(said.subject)]
      const body = auditBody({ at: at.toISOString(), actor, action, environment, subject, detail })
      await appendAudit(connection, { organisationId, environment, at, actor, action, subject, body })
    },
  }
}
