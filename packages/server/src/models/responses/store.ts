import { sql } from 'kysely'
import { inScope, ownedBy, type Connection } from '../../database/index.ts'
import type { Owner } from '../owner.ts'

export interface StoredResponse {
  id: string
  /** The name that the request called the model by. */
  route: string
  previousId: string | null
  /** JSON of the items that the request itself brought. */
  input: string
  /** JSON of the response as the client was given it. */
  response: string
}

/** Keeps a response. One with the id of another of the same owner takes its place. */
export async function insertResponse(
  connection: Connection,
  { owner, ...scope }: Owner,
  stored: StoredResponse & { itemIds: readonly string[]; expiresAt: Date },
): Promise<void> {
  const row = {
    ...ownedBy(scope),
    owner,
    id: stored.id,
    route: stored.route,
    previous_id: stored.previousId,
    item_ids: [...stored.itemIds],
    input: stored.input,
    response: stored.response,
    expires_at: stored.expiresAt,
  }
  await connection
    .insertInto('stored_responses')
    .values(row)
    .onConflict(conflict => conflict.columns(['organisation_id', 'environment_id', 'owner', 'id']).doUpdateSet(row))
    .execute()
}

export async function findResponse(
  connection: Connection,
  { owner, ...scope }: Owner,
  id: string,
): Promise<StoredResponse | undefined> {
  const row = await connection
    .selectFrom('stored_responses')
    .select(['id', 'route', 'previous_id', 'input', 'response'])
    .where(inScope(scope))
    .where('owner', '=', owner)
    .where('id', '=', id)
    .where('expires_at', '>', new Date())
    .executeTakeFirst()
  return row && { ...row, previousId: row.previous_id }
}

/**
 * A response and those before it, the oldest first. Ends early where one is missing or where more than so many
 * characters would be read.
 */
export async function findChain(
  connection: Connection,
  { owner, organisationId, environmentId }: Owner,
  id: string,
  { depth, characters }: { depth: number; characters: number },
): Promise<StoredResponse[]> {
  const { rows } = await sql<StoredResponse>`
    with recursive chain as (
      select id, route, previous_id, input, response, 1 as depth, length(input) + length(response) as characters
      from stored_responses
      where organisation_id = ${organisationId} and environment_id = ${environmentId} and owner = ${owner}
        and id = ${id} and expires_at > now()
      union all
      select earlier.id, earlier.route, earlier.previous_id, earlier.input, earlier.response, chain.depth + 1,
        chain.characters + length(earlier.input) + length(earlier.response)
      from stored_responses as earlier join chain on earlier.id = chain.previous_id
      where earlier.organisation_id = ${organisationId} and earlier.environment_id = ${environmentId}
        and earlier.owner = ${owner} and earlier.expires_at > now()
        and chain.depth < ${depth} and chain.characters < ${characters}
    )
    select id, route, previous_id as "previousId", input, response from chain order by depth desc`.execute(connection)
  return rows
}

/** Responses that put out one of these items. */
export async function findByItems(
  connection: Connection,
  { owner, ...scope }: Owner,
  itemIds: readonly string[],
): Promise<StoredResponse[]> {
  const rows = await connection
    .selectFrom('stored_responses')
    .select(['id', 'route', 'previous_id', 'input', 'response'])
    .where(inScope(scope))
    .where('owner', '=', owner)
    .where(sql<boolean>`item_ids && ${[...itemIds]}::text[]`)
    .where('expires_at', '>', new Date())
    .orderBy('created_at', 'desc')
    .limit(itemIds.length)
    .execute()
  return rows.map(row => ({ ...row, previousId: row.previous_id }))
}

/** What a conversation goes on with is kept as long as its newest response. */
export async function prolongResponses(
  connection: Connection,
  { owner, ...scope }: Owner,
  ids: readonly string[],
  expiresAt: Date,
): Promise<void> {
  await connection
    .updateTable('stored_responses')
    .set({ expires_at: expiresAt })
    .where(inScope(scope))
    .where('owner', '=', owner)
    .where('id', 'in', [...ids])
    .execute()
}

/** @returns whether there was one */
export async function deleteResponse(connection: Connection, { owner, ...scope }: Owner, id: string): Promise<boolean> {
  const { numDeletedRows } = await connection
    .deleteFrom('stored_responses')
    .where(inScope(scope))
    .where('owner', '=', owner)
    .where('id', '=', id)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

export async function deleteOverdueResponses(connection: Connection, limit: number): Promise<void> {
  // across tenants: every replica removes what has run out, whosoever it is
  await sql`
    delete from stored_responses where ctid in
      (select ctid from stored_responses where expires_at <= now() limit ${limit})`.execute(connection)
}
