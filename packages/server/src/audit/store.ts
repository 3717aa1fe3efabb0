import { AuditEntry, type AuditQuery, type SignedAuditHead } from '@causeway/contracts'
import { createHash } from 'node:crypto'
import { sql, type Selectable } from 'kysely'
import { insertRows, type Carried, type Connection, type Tables } from '../database/index.ts'

/** Hash before the first row. */
export const genesis = '0'.repeat(64)

export interface AuditRow {
  organisationId: string
  environment: string | null
  at: Date
  actor: string
  action: string
  subject: string
  /** Canonical JSON of the whole entry; the hash covers exactly this text. */
  body: string
}

/**
 * Appends a row to the chain of the organisation: the head row is locked, so that concurrent appends queue up, and
 * hash = sha256(previous hash ":" sequence ":" body). Without a head the row lacks its number, which the database refuses.
 */
export function carriedAudit({ organisationId, environment, at, actor, action, subject, body }: AuditRow): Carried[] {
  return [
    {
      name: 'audit_head',
      statement: sql`
        select sequence + 1 as sequence, hash as previous_hash from audit_heads
        where organisation_id = ${organisationId} and exists (select from owned) for update`,
    },
    {
      name: 'audit_entry',
      statement: sql`
        select sequence, previous_hash,
          encode(sha256(convert_to(previous_hash || ':' || sequence || ':' || ${body}::text, 'UTF8')), 'hex') as hash
        from owned left join audit_head on true`,
    },
    {
      name: 'audit_moved',
      statement: sql`
        update audit_heads set sequence = audit_entry.sequence, hash = audit_entry.hash from audit_entry
        where organisation_id = ${organisationId}`,
    },
    {
      name: 'audit_written',
      statement: sql`
        insert into audit_log (organisation_id, sequence, environment, at, actor, action, subject, body, previous_hash, hash)
        select ${organisationId}, sequence, ${environment}, ${at}::timestamptz, ${actor}, ${action}, ${subject},
          ${body}::text, previous_hash, hash from audit_entry`,
    },
  ]
}

/** Appends a row to the chain of the organisation in one statement. */
export async function appendAudit(connection: Connection, row: AuditRow): Promise<void> {
  const parts = carriedAudit(row).map(({ name, statement }) => sql`${sql.id(name)} as (${statement})`)
  await sql`with owned as (select 1), ${sql.join(parts)} select 1`.execute(connection)
}

/**
 * Appends rows to the chain of one organisation in one transaction.
 * @throws Error when the organisation has no audit log
 */
export async function appendAuditRows(
  transaction: Connection,
  organisationId: string,
  rows: readonly AuditRow[],
): Promise<void> {
  const head = await transaction
    .selectFrom('audit_heads')
    .select(['sequence', 'hash'])
    .where('organisation_id', '=', organisationId)
    .forUpdate()
    .executeTakeFirst()
  if (!head) throw new Error(`the organisation ${organisationId} has no audit log`)
  let { sequence, hash } = head
  const chained = rows.map(({ environment, at, actor, action, subject, body }) => {
    const previous_hash = hash
    sequence += 1
    hash = createHash('sha256').update(`${previous_hash}:${sequence}:${body}`).digest('hex')
    const place = { organisation_id: organisationId, sequence, previous_hash, hash }
    return { ...place, environment, at, actor, action, subject, body }
  })
  await insertRows(transaction, 'audit_log', chained)
  await transaction
    .updateTable('audit_heads')
    .set({ sequence, hash })
    .where('organisation_id', '=', organisationId)
    .execute()
}

/** Starts the chain of a new organisation. */
export async function startAuditLog(connection: Connection, organisationId: string): Promise<void> {
  await connection
    .insertInto('audit_heads')
    .values({ organisation_id: organisationId, sequence: 0, hash: genesis, removed: null })
    .execute()
}

const Body = AuditEntry.pick({ detail: true })

const toEntry = (row: Selectable<Tables['audit_log']>): AuditEntry => ({
  sequence: row.sequence,
  at: row.at.toISOString(),
  actor: row.actor,
  action: row.action,
  environment: row.environment,
  subject: row.subject,
  detail: Body.parse(JSON.parse(row.body)).detail,
  previousHash: row.previous_hash,
  hash: row.hash,
})

export async function listAudit(
  connection: Connection,
  organisationId: string,
  { action, actor, subject }: Omit<AuditQuery, 'cursor' | 'limit'>,
  { before, limit }: { before: number | undefined; limit: number },
): Promise<AuditEntry[]> {
  let query = connection
    .selectFrom('audit_log')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .orderBy('sequence', 'desc')
    .limit(limit)
  if (before !== undefined) query = query.where('sequence', '<', before)
  if (action) query = query.where('action', '=', action)
  if (actor) query = query.where('actor', '=', actor)
  if (subject) query = query.where('subject', '=', subject)
  return (await query.execute()).map(toEntry)
}

/** Decisions on calls of tools, and those of which something else would come with the policies in shadow, the most frequent first. */
export async function shadowImpact(
  connection: Connection,
  organisationId: string,
  { environment, since, limit }: { environment: string; since: Date; limit: number },
): Promise<{ decisions: number; rows: ShadowRow[] }> {
  const { rows } = await sql<ShadowRow & { decisions: string }>`
    with decided as materialized (
      select action, actor, subject, body::jsonb -> 'detail' -> 'shadow' as shadow from audit_log
      where organisation_id = ${organisationId} and environment = ${environment} and at >= ${since}
        and action in ('tool.allow', 'tool.ask', 'tool.deny')
    )
    select (select count(*) from decided) as decisions, counted.* from (
      select subject as tool, actor, action, shadow ->> 'answer' as would, shadow -> 'reasons' as reasons, count(*)::int as calls
      from decided where shadow is not null group by 1, 2, 3, 4, 5 order by 6 desc limit ${limit}
    ) counted
    union all select count(*), null, null, null, null, null, null from decided`.execute(connection)
  return { decisions: Number(rows[0]?.decisions ?? 0), rows: rows.filter(({ tool }) => tool !== null) }
}

/** Decisions that are alike but for the call. */
export interface ShadowRow {
  tool: string
  actor: string
  action: string
  would: string
  reasons: string[]
  calls: number
}

/** A row as it is checked. */
export type ChainRow = Pick<
  Selectable<Tables['audit_log']>,
  'sequence' | 'body' | 'hash' | 'previous_hash' | 'actor' | 'action' | 'subject' | 'environment' | 'at'
>

interface ChainRange {
  after: number
  upTo: number
  limit: number
}

/** Rows of a range of sequence numbers, in order. */
export function chainBetween(
  connection: Connection,
  organisationId: string,
  { after, upTo, limit }: ChainRange,
): Promise<ChainRow[]> {
  return connection
    .selectFrom('audit_log')
    .select(['sequence', 'body', 'hash', 'previous_hash', 'actor', 'action', 'subject', 'environment', 'at'])
    .where('organisation_id', '=', organisationId)
    .where('sequence', '>', after)
    .where('sequence', '<=', upTo)
    .orderBy('sequence')
    .limit(limit)
    .execute()
}

/** The first row that the head does not know of. One statement sees head and rows at the same moment. */
export async function rowBeyondHead(connection: Connection, organisationId: string): Promise<number | undefined> {
  const row = await connection
    .selectFrom('audit_log')
    .select('sequence')
    .where('organisation_id', '=', organisationId)
    .where('sequence', '>', where =>
      where
        .selectFrom('audit_heads')
        .select(({ fn, lit }) => fn.coalesce(fn.max('audit_heads.sequence'), lit(0)).as('sequence'))
        .where('audit_heads.organisation_id', '=', organisationId),
    )
    .orderBy('sequence')
    .limit(1)
    .executeTakeFirst()
  return row?.sequence
}

/** The hash of one row; undefined where there is none. */
export async function hashAt(
  connection: Connection,
  organisationId: string,
  sequence: number,
): Promise<string | undefined> {
  if (sequence === 0) return genesis
  const { removed } = await auditHead(connection, organisationId)
  if (removed?.sequence === sequence) return removed.hash
  const row = await connection
    .selectFrom('audit_log')
    .select('hash')
    .where('organisation_id', '=', organisationId)
    .where('sequence', '=', sequence)
    .executeTakeFirst()
  return row?.hash
}

export async function auditHead(
  connection: Connection,
  organisationId: string,
): Promise<{ sequence: number; hash: string; removed: SignedAuditHead | null }> {
  const head = await connection
    .selectFrom('audit_heads')
    .select(['sequence', 'hash', 'removed'])
    .where('organisation_id', '=', organisationId)
    .executeTakeFirst()
  return head ?? { sequence: 0, hash: genesis, removed: null }
}
