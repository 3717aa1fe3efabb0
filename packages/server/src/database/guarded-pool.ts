import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import type { Pool, PoolClient } from 'pg'

import { createPreparedNames } from './prepared-names.ts'
import { databaseError, isAnswer, isUnavailable, tooManyWaiters } from './unavailable.ts'

/** How many callers may wait for a connection before more are turned away. */
export const waiterLimit = 1_000

/** A client whose errors are mapped and that is discarded once its connection is in doubt. */
function guardClient(client: PoolClient, nameOf: (statement: string) => string | undefined): PostgresPoolClient {
  let doubtful = false

  const run = async (sql: string, parameters: readonly unknown[]): Promise<unknown> => {
    try {
      return await client.query({ text: sql, values: [...parameters], name: nameOf(sql) })
    } catch (error) {
      doubtful ||= isUnavailable(error) && !isAnswer(error)
      throw databaseError(error)
    }
  }
  function query<Row>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<Row>>
  function query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>
  function query(statement: string | PostgresCursor<unknown>, parameters: readonly unknown[] = []): unknown {
    if (typeof statement !== 'string') throw new TypeError('Cursors are not supported')
    return run(statement, parameters)
  }
  return { query, release: destroy => client.release(destroy === true || doubtful) }
}

/** The pool as Kysely uses it: errors mapped, waiters bounded. */
export function guardPool(pool: Pool): PostgresPool {
  const guarded = new WeakMap<PoolClient, PostgresPoolClient>()
  const nameOf = createPreparedNames()

  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      if (pool.waitingCount >= waiterLimit) throw tooManyWaiters(pool.waitingCount)
      try {
        const client = await pool.connect()
        const known = guarded.get(client) ?? guardClient(client, nameOf)
        guarded.set(client, known)
        return known
      } catch (error) {
        throw databaseError(error)
      }
    },
  }
}
