import { type Connection, inScope, type Scope } from '../database/index.ts'

/** Marks an intended effect as being carried out. */
export async function markExecuting(connection: Connection, scope: Scope, key: string): Promise<void> {
  await connection
    .updateTable('effects')
    .set({ state: 'executing', updated_at: new Date() })
    .where(inScope(scope))
    .where('key', '=', key)
    .execute()
}

/** The state in which the ledger has an effect. */
export async function effectState(connection: Connection, scope: Scope, key: string): Promise<string | undefined> {
  const row = await connection
    .selectFrom('effects')
    .select('state')
    .where(inScope(scope))
    .where('key', '=', key)
    .executeTakeFirst()
  return row?.state
}
