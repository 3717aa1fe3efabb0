import type { PostgresPool, PostgresPoolClient } from 'kysely'
import type pg from 'pg'

import { databaseError, isUnavailable, tooManyWaiters } from './unavailable.ts'

/** How many callers may wait for a connection before more are turned away. */
const waiterLimit = 1_000

/** A client whose errors are mapped and that is discarded once its connection is in doubt. */
function guardClient(client: pg.PoolClient): PostgresPoolClient {
  let doubtful = false
  const query = async (sql: string, parameters: readonly unknown[]): Promise<unknown> => {
    try {
      return await client.query(sql, [...parameters])
    } catch (error) {
      // A statement that the server cancelled, or a turn that the embedded session refused, leaves the connection well.
      const refused = 'severity' in (error as object) && (error as { severity?: unknown }).severity === 'ERROR'
      doubtful ||= isUnavailable(error) && !refused
      throw databaseError(error)
    }
  }
  return {
    query: query as PostgresPoolClient['query'],
    release: destroy => client.release(destroy === true || doubtful),
  }
}

/** The pool as Kysely uses it: errors mapped, waiters bounded. */
export function guardPool(pool: pg.Pool): PostgresPool {
  const guarded = new WeakMap<pg.PoolClient, PostgresPoolClient>()

  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      if (pool.waitingCount >= waiterLimit) throw tooManyWaiters(pool.waitingCount)
      try {
        const client = await pool.connect()
        const known = guarded.get(client) ?? guardClient(client)
        guarded.set(client, known)
        return known
      } catch (error) {
        throw databaseError(error)
      }
    },
  }
}
