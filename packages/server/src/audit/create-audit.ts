import type { Carried, Connection } from '../database/index.ts'
import { auditBody, cleanText } from './audit-body.ts'
import { appendAudit, carriedAudit, type AuditRow } from './store.ts'

/** What is written down: who did what to which thing. */
export interface AuditRecord {
  organisationId: string
  environment: string | null
  actor: string
  /** Noun and verb, such as `run.created`. */
  action: string
  subject: string
  detail: Record<string, unknown>
  /** When it happened, where that is not now. */
  at?: Date
}

/** The append-only, hash-chained record of decisions, changes and use of keys. */
export interface Audit {
  /**
   * Appends in the caller's transaction, so that a change and its record stand or fall together. Make it the last step: until the
   * transaction ends, other records of the organisation wait for it.
   */
  record(connection: Connection, entry: AuditRecord): Promise<void>
  /** The record as a row of the statement that it belongs to. */
  along(entry: AuditRecord): Carried
  /** Appends many records at once, those of an organisation in their order and all or none. */
  recordAll(connection: Connection, entries: readonly AuditRecord[]): Promise<void>
}

export function createAudit({ clock = () => new Date() }: { clock?: () => Date } = {}): Audit {
  const toRow = ({ organisationId, environment, detail, ...said }: AuditRecord): AuditRow => {
    const at = said.at ?? clock()
    const [actor, action, subject] = [cleanText(said.actor), cleanText(said.action), cleanText(said.subject)]
    const body = auditBody({ at: at.toISOString(), actor, action, environment, subject, detail })
    return { organisationId, environment, at, actor, action, subject, body }
  }
  return {
    record: (connection, entry) => appendAudit(connection, [toRow(entry)]),
    along: entry => carriedAudit(toRow(entry)),
    async recordAll(connection, entries) {
      for (const own of Map.groupBy(entries, ({ organisationId }) => organisationId).values())
        await appendAudit(connection, own.map(toRow))
    },
  }
}
