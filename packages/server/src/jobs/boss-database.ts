import { fromKysely, type Db } from 'pg-boss'

import type { Connection, Database } from '../database/index.ts'

/** The database as pg-boss uses it: connections of its own. */
export const bossDatabase = ({ queuePool }: Database): Db => ({
  // Given on as it is: for several statements the driver gives an array of results, which pg-boss knows how to read.
  executeSql: (text, values) => queuePool.query(text, values),
})

/** A transaction as pg-boss uses it. */
export const bossTransaction = (connection: Connection): Db => fromKysely(connection)
