import { AuditEntry, type AuditQuery, type SignedAuditHead } from '@causeway/contracts'
import { sql, type RawBuilder, type Selectable } from 'kysely'
import {
  carryAlong,
  executeWithDocument,
  type Carried,
  type CarriedWrite,
  type Connection,
  type Tables,
} from '../database/index.ts'

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

const writeAudit: CarriedWrite = { name: 'audit', parts: partsOfAudit }

/** A row of the chain of its organisation, carried by the statement that records what it tells of. */
export const carriedAudit = (row: AuditRow): Carried => ({ write: writeAudit, row: { ...row } })

// across tenants: each row says whose it is, and goes into the chain of that organisation
/**
 * Appends rows to the chains of their organisations: the head rows are locked, so that concurrent appends queue up, and
 * hash = sha256(previous hash ":" sequence ":" body). Without a head a row lacks its number, which the database refuses.
 */
function partsOfAudit(given: RawBuilder<unknown>, several: boolean): ReturnType<CarriedWrite['parts']> {
  const number = sql`row_number() over (partition by entry."organisationId" order by entry.place, entry.number)`
  const others = sql`
    union all
    select given."organisationId", given.environment, given.at, given.actor, given.action, given.subject, given.body,
      given.number_in_chain, last.sequence + 1, last.hash,
      encode(sha256(convert_to(last.hash || ':' || last.sequence + 1 || ':' || given.body, 'UTF8')), 'hex')
    from audit_entry as last join audit_given as given
      on given."organisationId" = last."organisationId" and given.number_in_chain = last.number_in_chain + 1`
  const lastOfEach = sql`(
    select distinct on ("organisationId") "organisationId", sequence, hash
    from audit_entry order by "organisationId", number_in_chain desc
  )`
  return [
    {
      name: 'audit_given',
      statement: sql`
        select entry."organisationId", entry.environment, entry.at, entry.actor, entry.action, entry.subject, entry.body,
          ${several ? number : sql`1`} as number_in_chain
        from owned join rows from (jsonb_to_recordset(${given}) as (place int, "organisationId" text, environment text,
          at timestamptz, actor text, action text, subject text, body text)) with ordinality as entry
          (place, "organisationId", environment, at, actor, action, subject, body, number) using (place)`,
    },
    {
      name: 'audit_head',
      statement: sql`
        select organisation_id, sequence, hash from audit_heads
        where organisation_id in (select "organisationId" from audit_given) order by organisation_id for update`,
    },
    {
      name: 'audit_entry',
      statement: sql`
        select "organisationId", environment, at, actor, action, subject, body, number_in_chain,
          audit_head.sequence + 1 as sequence, audit_head.hash as previous_hash,
          encode(sha256(convert_to(audit_head.hash || ':' || audit_head.sequence + 1 || ':' || body, 'UTF8')), 'hex') as hash
        from audit_given left join audit_head on organisation_id = "organisationId" where number_in_chain = 1
        ${several ? others : sql``}`,
    },
    {
      name: 'audit_moved',
      statement: sql`
        update audit_heads set sequence = last.sequence, hash = last.hash
        from ${several ? lastOfEach : sql`audit_entry`} as last where organisation_id = last."organisationId"`,
    },
    {
      name: 'audit_written',
      statement: sql`
        insert into audit_log (organisation_id, sequence, environment, at, actor, action, subject, body, previous_hash, hash)
        select "organisationId", sequence, environment, at, actor, action, subject, body, previous_hash, hash from audit_entry`,
    },
  ]
}

/**
 * Appends rows to the chains of their organisations, in their order, in one statement.
 * @throws when an organisation has no audit log
 */
export async function appendAudit(connection: Connection, rows: readonly AuditRow[]): Promise<void> {
  const carried = carryAlong([rows.map(carriedAudit)])
  await executeWithDocument(
    connection,
    carried.form,
    () => sql`with recursive owned as (select 0 as place)${carried.parts()} select 1`,
    carried.rows,
  )
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
