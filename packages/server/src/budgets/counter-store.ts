import { sql } from 'kysely'
import type { Connection } from '../database/index.ts'
import { each, type Amounts } from './amounts.ts'
import type { CounterKey } from './applying-budgets.ts'

/** What is used of a counter: spent, and set aside by replicas. */
export interface Counted {
  spent: Amounts
  leased: Amounts
}

/** No limit, as the largest number that the database counts to. */
const unlimited = Number.MAX_SAFE_INTEGER
const bounded = (limits: Amounts): Amounts => each(limits, limit => Math.min(limit, unlimited))

/**
 * Sets something aside if there is room for all of it. The row is locked until the end of the statement, so that no two
 * replicas take the same room.
 * @returns what is used of the counter now, or undefined when there was no room
 */
export async function lease(
  connection: Connection,
  key: CounterKey,
  wanted: Amounts,
  limits: Amounts,
): Promise<Amounts | undefined> {
  const { organisationId, environmentId, budget, subject, windowStart } = key
  const most = bounded(limits)
  const its = sql`organisation_id = ${organisationId} and environment_id = ${environmentId} and budget = ${budget}
      and subject = ${subject} and window_start = ${windowStart}`
  // across tenants: `its` is of one organisation and environment
  const look = () =>
    sql<{ known: boolean } & { [Measure in keyof Amounts]: number | null }>`
      with leased as (
        update budget_counters set
          requests_leased = requests_leased + ${wanted.requests},
          tokens_leased = tokens_leased + ${wanted.tokens},
          nano_usd_leased = nano_usd_leased + ${wanted.nanoUsd}
        where ${its}
          and requests_spent + requests_leased + ${wanted.requests} <= ${most.requests}
          and tokens_spent + tokens_leased + ${wanted.tokens} <= ${most.tokens}
          and nano_usd_spent + nano_usd_leased + ${wanted.nanoUsd} <= ${most.nanoUsd}
        returning requests_spent + requests_leased as requests, tokens_spent + tokens_leased as tokens,
          nano_usd_spent + nano_usd_leased as "nanoUsd"
      )
      select exists (select from budget_counters where ${its}) as known, leased.*
      from (select) as one left join leased on true`.execute(connection)
  let [found] = (await look()).rows
  if (!found?.known) {
    await sql`
      insert into budget_counters (organisation_id, environment_id, budget, subject, window_start)
      values (${organisationId}, ${environmentId}, ${budget}, ${subject}, ${windowStart})
      on conflict do nothing`.execute(connection)
    ;[found] = (await look()).rows
  }
  const { requests, tokens, nanoUsd } = found ?? {}
  return typeof requests === 'number' && typeof tokens === 'number' && typeof nanoUsd === 'number'
    ? { requests, tokens, nanoUsd }
    : undefined
}

/**
 * Books what was spent of what was set aside, and changes how much is set aside.
 * @returns what is used of the counter now
 */
export async function book(
  connection: Connection,
  { organisationId, environmentId, budget, subject, windowStart }: CounterKey,
  { spent, leased }: Counted,
): Promise<Amounts | undefined> {
  return connection
    .updateTable('budget_counters')
    .set(({ eb }) => ({
      requests_spent: eb('requests_spent', '+', spent.requests),
      requests_leased: eb('requests_leased', '+', leased.requests),
      tokens_spent: eb('tokens_spent', '+', spent.tokens),
      tokens_leased: eb('tokens_leased', '+', leased.tokens),
      nano_usd_spent: eb('nano_usd_spent', '+', spent.nanoUsd),
      nano_usd_leased: eb('nano_usd_leased', '+', leased.nanoUsd),
    }))
    .where('organisation_id', '=', organisationId)
    .where('environment_id', '=', environmentId)
    .where('budget', '=', budget)
    .where('subject', '=', subject)
    .where('window_start', '=', windowStart)
    .returning(({ eb }) => [
      eb('requests_spent', '+', eb.ref('requests_leased')).as('requests'),
      eb('tokens_spent', '+', eb.ref('tokens_leased')).as('tokens'),
      eb('nano_usd_spent', '+', eb.ref('nano_usd_leased')).as('nanoUsd'),
    ])
    .executeTakeFirst()
}

export async function counted(
  connection: Connection,
  { organisationId, environmentId, budget, subject, windowStart }: CounterKey,
): Promise<Counted | undefined> {
  const row = await connection
    .selectFrom('budget_counters')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('environment_id', '=', environmentId)
    .where('budget', '=', budget)
    .where('subject', '=', subject)
    .where('window_start', '=', windowStart)
    .executeTakeFirst()
  return (
    row && {
      spent: { requests: row.requests_spent, tokens: row.tokens_spent, nanoUsd: row.nano_usd_spent },
      leased: { requests: row.requests_leased, tokens: row.tokens_leased, nanoUsd: row.nano_usd_leased },
    }
  )
}
