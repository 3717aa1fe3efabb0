import { fromKysely } from 'pg-boss'
import type { Connection, Database } from '../database/index.ts'

type IDatabase = ReturnType<typeof fromKysely>

/** The database as pg-boss uses it: our pool, and our listener for notifications. */
export const bossDatabase = (database: Database): IDatabase => ({
  // Given on as it is: for several statements the driver gives an array of results, which pg-boss knows how to read.
  executeSql: (text, values) => database.pool.query(text, values),
  async listen(channel, onNotification, onReconnect) {
    // An empty payload says that notifications may have been missed.
    const end = await database.listen(channel, payload => (payload === '' ? onReconnect() : onNotification(payload)))
    return { close: end }
  },
})

/** A transaction as pg-boss uses it. */
export const bossTransaction = (connection: Connection): IDatabase => fromKysely(connection)
