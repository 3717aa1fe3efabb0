import type { Usage, UsageBy } from '@causeway/contracts'
import { sql, type RawBuilder } from 'kysely'
import type { Connection, Scope } from '../database/index.ts'

/** Whose use is summed; `everywhere` is that of all environments. */
export type Subject = { column: 'api_key_id' | 'user_id' | 'team_id'; id: string } | 'everybody' | 'everywhere'

export interface UsageFilter {
  since: Date
  until: Date
  by: UsageBy | null
  subject: Subject
  /** Groups at most. */
  limit: number
}

/**
 * Sums use over the requests to the gateway and the settled model calls of runs. Both have the key; team and user of a call
 * that a run made are those that its key belongs to.
 */
export async function sumUsage(
  connection: Connection,
  scope: Scope,
  { since, until, by, subject, limit }: UsageFilter,
): Promise<Pick<Usage, 'total' | 'groups'>> {
  const { organisationId, environmentId } = scope
  const ofSubject = typeof subject === 'object' ? sql`${sql.ref(subject.column)} = ${subject.id}` : sql`true`
  const here = subject === 'everywhere' ? sql`true` : sql`environment_id = ${environmentId}`
  // across tenants: no row is of another organisation; all environments of it are summed for keys that may use each of them
  const { rows } = await sql<Usage['groups'][number]>`
    with used as (
      select started_at as at, environment_id, agent, api_key_id, user_id, team_id, route, provider, model, outcome = 'failed' as failed,
        false as of_run, input_tokens, output_tokens, cached_input_tokens, nano_usd, cost_status, cache, saved_nano_usd
      from model_calls
      where organisation_id = ${organisationId} and ${here} and started_at >= ${since} and started_at < ${until}
      union all
      select entries.created_at, entries.environment_id, runs.agent, entries.api_key_id, api_keys.user_id, api_keys.team_id, entries.subject, null, null, false,
        true, entries.input_tokens, entries.output_tokens, 0, entries.nano_usd, coalesce(entries.cost_status, 'estimated'), null, 0
      from (
        select * from ledger_entries
        where organisation_id = ${organisationId} and ${here} and created_at >= ${since} and created_at < ${until}
          and kind = 'model' and state = 'settled' and run_id is not null
      ) as entries
      left join api_keys on api_keys.id = entries.api_key_id
      left join runs on runs.id = entries.run_id
    ), grouped as (select *, ${groupOf(by)} as name from used where ${ofSubject})
    select name as "group", ${labelOf(by, scope)} as label,  count(*)::int8 as requests,
      count(*) filter (where of_run)::int8 as "requestsOfRuns",
      count(*) filter (where failed)::int8 as failed,
      count(*) filter (where cache = 'hit')::int8 as "cacheHits",
      coalesce(sum(saved_nano_usd), 0)::int8 as "savedNanoUsd",
      coalesce(sum(input_tokens), 0)::int8 as "inputTokens",
      coalesce(sum(output_tokens), 0)::int8 as "outputTokens",
      coalesce(sum(cached_input_tokens), 0)::int8 as "cachedInputTokens",
      coalesce(sum(nano_usd), 0)::int8 as "nanoUsd",
      count(*) filter (where cost_status = 'exact')::int8 as exact,
      count(*) filter (where cost_status = 'estimated')::int8 as estimated,
      count(*) filter (where cost_status = 'unpriced')::int8 as unpriced
    from grouped
    group by grouping sets ((name), ())
    order by grouping(name) desc, ${by === 'day' ? sql`name` : sql`sum(nano_usd) desc, count(*) desc, name`}
    limit ${limit + 1}`.execute(connection)
  const [total, ...groups] = rows
  if (!total) throw new Error('a sum has one row at least')
  const { group: _group, label: _label, ...sums } = total
  return { total: sums, groups: by ? groups : [] }
}

const groups: Readonly<Record<UsageBy, RawBuilder<unknown>>> = {
  day: sql`to_char(at at time zone 'UTC', 'YYYY-MM-DD')`,
  model: sql`model`,
  route: sql`route`,
  provider: sql`provider`,
  team: sql`team_id`,
  user: sql`user_id`,
  key: sql`api_key_id`,
  agent: sql`agent`,
  environment: sql`environment_id`,
}

const groupOf = (by: UsageBy | null): RawBuilder<unknown> => (by ? groups[by] : sql`null::text`)

const tables = { team: 'teams', user: 'users', key: 'api_keys', environment: 'environments' } as const

function labelOf(by: UsageBy | null, { organisationId }: Scope): RawBuilder<unknown> {
  if (by !== 'team' && by !== 'user' && by !== 'key' && by !== 'environment') return sql`null`
  return sql`(select named.name from ${sql.table(tables[by])} as named
    where named.id = grouped.name and named.organisation_id = ${organisationId})`
}
