import { sql } from 'kysely'
import { inScope, ownedBy, type Connection } from '../../database/index.ts'
import type { Owner } from '../owner.ts'
import type { BatchTotals } from './batch-input.ts'

/** A file at a provider that a client of this environment uploaded, or that a batch put out. */
export interface StoredFile {
  id: string
  provider: string
  purpose: string
  /** What the provider said of it, as JSON. */
  object: string
  /** What is asked for in it, where it holds the requests of a batch. */
  batch: BatchTotals | null
  dataClasses: string[]
}

/** Who made a batch, as its calls are recorded. */
export interface BatchCaller {
  keyId: string
  userId: string | null
  teamId: string | null
  team: string | null
  actor: string
  environment: string
}

/** A batch under way or ended at a provider. */
export interface StoredBatch extends Owner {
  id: string
  provider: string
  model: string
  caller: BatchCaller
  totals: BatchTotals
  /** What was booked for it when it began. */
  booked: { tokens: number; nanoUsd: number }
  dataClasses: string[]
  /** What the provider said of it, as JSON. */
  object: string
  createdAt: Date
  settledAt: Date | null
}

export type ListOptions = { limit: number; after: string | undefined; ascending: boolean; purpose?: string | undefined }

/** Keeps whose a file is; one that is known stays as it is. */
export async function insertFile(connection: Connection, { owner, ...scope }: Owner, file: StoredFile): Promise<void> {
  await connection
    .insertInto('provider_files')
    .values({
      ...ownedBy(scope),
      owner,
      id: file.id,
      provider: file.provider,
      purpose: file.purpose,
      object: file.object,
      batch: file.batch && JSON.stringify(file.batch),
      data_classes: file.dataClasses,
    })
    .onConflict(conflict => conflict.doNothing())
    .execute()
}

export async function findFile(
  connection: Connection,
  { owner, ...scope }: Owner,
  id: string,
): Promise<StoredFile | undefined> {
  const row = await connection
    .selectFrom('provider_files')
    .select(['id', 'provider', 'purpose', 'object', 'batch', 'data_classes as dataClasses'])
    .where(inScope(scope))
    .where('owner', '=', owner)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && { ...row, batch: row.batch }
}

export async function deleteFile(connection: Connection, { owner, ...scope }: Owner, id: string): Promise<void> {
  await connection
    .deleteFrom('provider_files')
    .where(inScope(scope))
    .where('owner', '=', owner)
    .where('id', '=', id)
    .execute()
}

/** Objects of files, the newest first unless asked otherwise. */
export async function listFiles(
  connection: Connection,
  { owner, ...scope }: Owner,
  { limit, after, ascending, purpose }: ListOptions,
): Promise<string[]> {
  let query = connection
    .selectFrom('provider_files as file')
    .select('object')
    .where(inScope(scope))
    .where('owner', '=', owner)
    .orderBy('number', ascending ? 'asc' : 'desc')
    .limit(limit)
  if (purpose !== undefined) query = query.where('purpose', '=', purpose)
  if (after !== undefined)
    query = query.where('number', ascending ? '>' : '<', eb =>
      eb
        .selectFrom('provider_files as last')
        .select('last.number')
        .whereRef('last.organisation_id', '=', 'file.organisation_id')
        .whereRef('last.environment_id', '=', 'file.environment_id')
        .whereRef('last.owner', '=', 'file.owner')
        .where('last.id', '=', after),
    )
  return (await query.execute()).map(({ object }) => object)
}

export async function insertBatch(
  connection: Connection,
  { owner, organisationId, environmentId, ...batch }: Omit<StoredBatch, 'settledAt'>,
): Promise<void> {
  await connection
    .insertInto('provider_batches')
    .values({
      ...ownedBy({ organisationId, environmentId }),
      owner,
      id: batch.id,
      provider: batch.provider,
      model: batch.model,
      caller: JSON.stringify(batch.caller),
      totals: JSON.stringify(batch.totals),
      booked: JSON.stringify(batch.booked),
      data_classes: batch.dataClasses,
      object: batch.object,
      created_at: batch.createdAt,
      next_check_at: sql`now() + interval '5 seconds'`,
    })
    .onConflict(conflict => conflict.doNothing())
    .execute()
}

export async function findBatch(
  connection: Connection,
  { owner, ...scope }: Owner,
  id: string,
): Promise<StoredBatch | undefined> {
  const row = await connection
    .selectFrom('provider_batches')
    .selectAll()
    .where(inScope(scope))
    .where('owner', '=', owner)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && batchOf(row)
}

/** Objects of batches, the newest first. */
export async function listBatches(
  connection: Connection,
  { owner, ...scope }: Owner,
  { limit, after }: Pick<ListOptions, 'limit' | 'after'>,
): Promise<string[]> {
  let query = connection
    .selectFrom('provider_batches as batch')
    .select('object')
    .where(inScope(scope))
    .where('owner', '=', owner)
    .orderBy('number', 'desc')
    .limit(limit)
  if (after !== undefined)
    query = query.where('number', '<', eb =>
      eb
        .selectFrom('provider_batches as last')
        .select('last.number')
        .whereRef('last.organisation_id', '=', 'batch.organisation_id')
        .whereRef('last.environment_id', '=', 'batch.environment_id')
        .whereRef('last.owner', '=', 'batch.owner')
        .where('last.id', '=', after),
    )
  return (await query.execute()).map(({ object }) => object)
}

export async function updateBatch(
  connection: Connection,
  { organisationId, environmentId, provider, id }: StoredBatch,
  object: string,
): Promise<void> {
  await connection
    .updateTable('provider_batches')
    .set({ object })
    .where(inScope({ organisationId, environmentId }))
    .where('provider', '=', provider)
    .where('id', '=', id)
    .execute()
}

/** @returns whether it was not settled before */
export async function markSettled(
  connection: Connection,
  { organisationId, environmentId, provider, id }: StoredBatch,
): Promise<boolean> {
  const { numUpdatedRows } = await connection
    .updateTable('provider_batches')
    .set({ settled_at: new Date() })
    .where(inScope({ organisationId, environmentId }))
    .where('provider', '=', provider)
    .where('id', '=', id)
    .where('settled_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Batches that are to be looked at now; no other replica gets them meanwhile. They are looked at ever more seldom. */
export async function takeDueBatches(connection: Connection, limit: number): Promise<StoredBatch[]> {
  // across tenants: whichever replica has time settles what has ended
  const { rows } = await sql<BatchRow>`
    update provider_batches set checks = checks + 1,
      next_check_at = now() + least(600, 5 * power(2, least(checks, 7))) * interval '1 second'
    where ctid in (
      select ctid from provider_batches where settled_at is null and next_check_at <= now()
      order by next_check_at limit ${limit} for update skip locked)
    returning *`.execute(connection)
  return rows.map(batchOf)
}

interface BatchRow {
  organisation_id: string
  environment_id: string
  owner: string
  id: string
  provider: string
  model: string
  caller: BatchCaller
  totals: BatchTotals
  booked: StoredBatch['booked']
  data_classes: string[]
  object: string
  created_at: Date
  settled_at: Date | null
}

const batchOf = (row: BatchRow): StoredBatch => ({
  organisationId: row.organisation_id,
  environmentId: row.environment_id,
  owner: row.owner,
  id: row.id,
  provider: row.provider,
  model: row.model,
  caller: row.caller,
  totals: row.totals,
  booked: row.booked,
  dataClasses: row.data_classes,
  object: row.object,
  createdAt: row.created_at,
  settledAt: row.settled_at,
})
