import { sql } from 'kysely'
import type { Connection } from '../database/index.ts'

/** Schema of pg-boss' own tables. */
export const bossSchema = 'pgboss'

/**
 * Hands out again at once what a dead process was working on. pg-boss would wait for the heartbeat to run out; on the embedded database
 * the lock of the data folder proves that nobody works on it any more.
 */
export async function releaseActiveJobs(connection: Connection, queue: string): Promise<void> {
  await sql`update ${sql.id(bossSchema, 'job')} set state = 'retry', start_after = now() where name = ${queue} and state = 'active'`.execute(
    connection,
  )
}
