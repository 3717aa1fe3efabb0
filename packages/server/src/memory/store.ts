import type { Label, Memory } from '@causeway/contracts'
import { sql, type Selectable } from 'kysely'
import { inScope, ownedBy, type Connection, type Scope, type Tables } from '../database/index.ts'

/** The memories of one owner in one store: all that a call of a tool reaches. */
export interface Owner {
  scope: Scope
  store: string
  /** An actor, the name of an agent, or nothing for the environment. */
  owner: string
}

/** What is to be remembered, with where it comes from. */
export interface NewMemory {
  id: string
  key: string | null
  text: string
  label: Label
  modelMade: boolean
  person: string
  agent: string
  sessionId: string
  runId: string
  /** Of the call that remembers it. */
  effectKey: string
  expiresAt: Date | null
}

type Row = Omit<Selectable<Tables['memories']>, 'organisation_id' | 'environment_id' | 'owner' | 'effect_key'>

const columns = [
  'id',
  'store',
  'key',
  'body',
  'label',
  'model_made',
  'person',
  'agent',
  'session_id',
  'run_id',
  'created_at',
  'updated_at',
  'expires_at',
] as const

const toMemory = (row: Row): Memory => ({
  id: row.id,
  store: row.store,
  key: row.key,
  text: row.body,
  label: row.label,
  modelMade: row.model_made,
  person: row.person,
  agent: row.agent,
  sessionId: row.session_id,
  runId: row.run_id,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
  expiresAt: row.expires_at?.toISOString() ?? null,
})

const isOf = ({ store, owner }: Owner) => sql<boolean>`(store = ${store} and owner = ${owner})`

const isKept = sql<boolean>`(expires_at is null or expires_at > now())`

/** Lets nobody else write to the memories of an owner until the transaction ends. */
export async function lockOwner(transaction: Connection, { scope, store, owner }: Owner): Promise<void> {
  const name = JSON.stringify([scope.organisationId, scope.environmentId, store, owner])
  await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(transaction)
}

/** The memory that a call has made, or that something new would replace: of the same key, or of the same words without one. */
export async function memoryToReplace(
  connection: Connection,
  owner: Owner,
  { effectKey, key, text }: Pick<NewMemory, 'effectKey' | 'key' | 'text'>,
): Promise<{ id: string; effectKey: string } | undefined> {
  const row = await connection
    .selectFrom('memories')
    .select(['id', 'effect_key'])
    .where(inScope(owner.scope))
    .where(isOf(owner))
    .where(({ or, and, eb }) =>
      or([
        eb('effect_key', '=', effectKey),
        key === null ? and([eb('key', 'is', null), eb('body', '=', text)]) : eb('key', '=', key),
      ]),
    )
    .orderBy(({ eb }) => eb('effect_key', '=', effectKey), 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && { id: row.id, effectKey: row.effect_key }
}

/** How many memories of an owner are kept. */
export async function countMemories(connection: Connection, owner: Owner): Promise<number> {
  const { count } = await connection
    .selectFrom('memories')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where(inScope(owner.scope))
    .where(isOf(owner))
    .where(isKept)
    .executeTakeFirstOrThrow()
  return count
}

export async function insertMemory(
  connection: Connection,
  { scope, store, owner }: Owner,
  { id, ...memory }: NewMemory,
): Promise<void> {
  await connection
    .insertInto('memories')
    .values({ ...ownedBy(scope), id, store, owner, ...valuesOf(memory) })
    .execute()
}

/** Puts something new in the place of a memory. */
export async function replaceMemory(
  connection: Connection,
  owner: Owner,
  id: string,
  memory: Omit<NewMemory, 'id'>,
): Promise<void> {
  await connection
    .updateTable('memories')
    .set({ ...valuesOf(memory), updated_at: new Date() })
    .where(inScope(owner.scope))
    .where(isOf(owner))
    .where('id', '=', id)
    .execute()
}

const valuesOf = (memory: Omit<NewMemory, 'id'>) => ({
  key: memory.key,
  body: memory.text,
  label: JSON.stringify(memory.label),
  model_made: memory.modelMade,
  person: memory.person,
  agent: memory.agent,
  session_id: memory.sessionId,
  run_id: memory.runId,
  effect_key: memory.effectKey,
  expires_at: memory.expiresAt,
})

/**
 * Memories of an owner: the newest, or those with words that begin as one of `words`, the best first.
 * @param words of letters and digits only
 */
export async function recallMemories(
  connection: Connection,
  owner: Owner,
  { words, limit }: { words: readonly string[]; limit: number },
): Promise<Memory[]> {
  let query = connection
    .selectFrom('memories')
    .select(columns)
    .where(inScope(owner.scope))
    .where(isOf(owner))
    .where(isKept)
  if (words.length > 0) {
    const said = sql`to_tsvector('simple', coalesce(key, '') || ' ' || body)`
    const asked = sql`to_tsquery('simple', ${words.map(word => `${word}:*`).join(' | ')})`
    query = query.where(sql<boolean>`${said} @@ ${asked}`).orderBy(sql`ts_rank(${said}, ${asked})`, 'desc')
  }
  const rows = await query.orderBy('updated_at', 'desc').orderBy('id').limit(limit).execute()
  return rows.map(toMemory)
}

/** @returns whether there was such a memory */
export async function forgetMemory(connection: Connection, owner: Owner, id: string): Promise<boolean> {
  const { numDeletedRows } = await connection
    .deleteFrom('memories')
    .where(inScope(owner.scope))
    .where(isOf(owner))
    .where('id', '=', id)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Memories of an environment, newest first. */
export async function listMemories(
  connection: Connection,
  scope: Scope,
  { store, person, agent }: { store?: string | undefined; person?: string | undefined; agent?: string | undefined },
  { before, limit }: { before: string | undefined; limit: number },
): Promise<Memory[]> {
  let query = connection
    .selectFrom('memories')
    .select(columns)
    .where(inScope(scope))
    .where(isKept)
    .orderBy('id', 'desc')
    .limit(limit)
  if (before !== undefined) query = query.where('id', '<', before)
  if (store !== undefined) query = query.where('store', '=', store)
  if (person !== undefined) query = query.where('person', '=', person)
  if (agent !== undefined) query = query.where('agent', '=', agent)
  return (await query.execute()).map(toMemory)
}

/** @returns what was erased, if there was such a memory */
export async function eraseMemory(connection: Connection, scope: Scope, id: string): Promise<Memory | undefined> {
  const row = await connection
    .deleteFrom('memories')
    .where(inScope(scope))
    .where('id', '=', id)
    .returning(columns)
    .executeTakeFirst()
  return row && toMemory(row)
}

/** Erases what was remembered in sessions. @returns how many memories */
export async function eraseMemoriesOfSessions(
  connection: Connection,
  scope: Scope,
  sessionIds: readonly string[],
): Promise<number> {
  const { numDeletedRows } = await connection
    .deleteFrom('memories')
    .where(inScope(scope))
    .where('session_id', 'in', sessionIds)
    .executeTakeFirst()
  return Number(numDeletedRows)
}

/** Erases what was remembered for or of a person. @returns how many memories */
export async function eraseMemoriesOfPerson(connection: Connection, scope: Scope, person: string): Promise<number> {
  const { numDeletedRows } = await connection
    .deleteFrom('memories')
    .where(inScope(scope))
    .where('person', '=', person)
    .executeTakeFirst()
  return Number(numDeletedRows)
}

/** Deletes memories that had expired by then, so many at most. @returns how many */
export async function deleteExpiredMemories(connection: Connection, by: Date, limit: number): Promise<number> {
  // across tenants: what has expired goes, whosoever it is
  const { numAffectedRows = 0n } = await sql`
    delete from memories where id in (select id from memories where expires_at < ${by} limit ${limit})`.execute(
    connection,
  )
  return Number(numAffectedRows)
}
