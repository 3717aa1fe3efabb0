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

/** Whether the run has made this very call before with an outcome that nobody knows. */
export async function hasUnknownOutcome(
  connection: Connection,
  scope: Scope,
  { runId, tool, argumentsHash }: { runId: string; tool: string; argumentsHash: string },
): Promise<boolean> {
  const row = await connection
    .selectFrom('effects')
    .select('key')
    .where(inScope(scope))
    .where('run_id', '=', runId)
    .where('tool', '=', tool)
    .where('arguments_hash', '=', argumentsHash)
    .where('state', '=', 'unknown')
    .executeTakeFirst()
  return row !== undefined
}
