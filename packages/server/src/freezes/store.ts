import type { CreateFreeze, Freeze } from '@causeway/contracts'
import type { Selectable } from 'kysely'
import { type Connection, inScope, ownedBy, type Scope, type Tables } from '../database/index.ts'

const toFreeze = (row: Selectable<Tables['freezes']>): Freeze => ({
  id: row.id,
  kind: row.kind,
  name: row.name,
  reason: row.reason,
  frozenBy: row.frozen_by,
  frozenAt: row.frozen_at.toISOString(),
  liftedBy: row.lifted_by,
  liftedAt: row.lifted_at?.toISOString() ?? null,
})

/** Freezes something; what is frozen already stays as it is. @returns the freeze in force, and whether it is new */
export async function insertFreeze(
  connection: Connection,
  scope: Scope,
  { id, frozenBy, kind, name, reason }: CreateFreeze & { id: string; frozenBy: string },
): Promise<{ freeze: Freeze; isNew: boolean }> {
  await connection
    .insertInto('freezes')
    .values({ ...ownedBy(scope), id, kind, name, reason, frozen_by: frozenBy, lifted_by: null, lifted_at: null })
    .onConflict(conflict => conflict.doNothing())
    .execute()
  const row = await connection
    .selectFrom('freezes')
    .selectAll()
    .where(inScope(scope))
    .where('kind', '=', kind)
    .where('name', '=', name)
    .where('lifted_at', 'is', null)
    .executeTakeFirstOrThrow()
  return { freeze: toFreeze(row), isNew: row.id === id }
}

export async function findFreeze(connection: Connection, scope: Scope, id: string): Promise<Freeze | undefined> {
  const row = await connection
    .selectFrom('freezes')
    .selectAll()
    .where(inScope(scope))
    .where('id', '=', id)
    .executeTakeFirst()
  return row && toFreeze(row)
}

/** @returns whether it was in force until now */
export async function markLifted(connection: Connection, scope: Scope, id: string, liftedBy: string): Promise<boolean> {
  const { numUpdatedRows } = await connection
    .updateTable('freezes')
    .set({ lifted_by: liftedBy, lifted_at: new Date() })
    .where(inScope(scope))
    .where('id', '=', id)
    .where('lifted_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Freezes, newest first. */
export async function listFreezes(
  connection: Connection,
  scope: Scope,
  { inForce, before, limit }: { inForce: boolean | undefined; before: string | undefined; limit: number },
): Promise<Freeze[]> {
  let query = connection.selectFrom('freezes').selectAll().where(inScope(scope)).orderBy('id', 'desc').limit(limit)
  if (before) query = query.where('id', '<', before)
  if (inForce !== undefined) query = query.where('lifted_at', inForce ? 'is' : 'is not', null)
  return (await query.execute()).map(toFreeze)
}
