import { fromKysely } from 'pg-boss'
import type { Connection, Database } from '../database/index.ts'

type IDatabase = ReturnType<typeof fromKysely>

/** The database as pg-boss uses it: our pool, and our listener for notifications. */
export const bossDatabase = (database: Database): IDatabase => ({
  async executeSql(text, values) {
    const { rows } = await database.pool.query(text, values)
    return { rows }
  },
  async listen(channel, onNotification, onReconnect) {
    // An empty payload says that notifications may have been missed.
    const end = await database.listen(channel, payload => (payload === '' ? onReconnect() : onNotification(payload)))
    return { close: end }
  },
})

/** A transaction as pg-boss uses it. */
export const bossTransaction = (connection: Connection): IDatabase => fromKysely(connection)
