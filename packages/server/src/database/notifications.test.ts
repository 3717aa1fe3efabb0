import { sql } from 'kysely'
import { Client } from 'pg'
import { describe, expect, test, vi } from 'vitest'

import { databaseKinds, openTestDatabase } from './testing/index.ts'

const channel = 'Test "channel"'

describe.each(databaseKinds)('on %s', kind => {
  test('a notification reaches who listens, once its transaction is committed', async () => {
    await using database = await openTestDatabase(kind)
    const heard: string[] = []
    const unlisten = await database.listen(channel, payload => heard.push(`first ${payload}`))
    await database.listen(channel, payload => heard.push(`second ${payload}`))
    await database.listen('other', payload => heard.push(`other ${payload}`))
    const notify = (payload: string, connection = database.kysely) =>
      sql`select pg_notify(${channel}, ${payload})`.execute(connection)

    const undone = database.transaction(async transaction => {
      await notify('undone', transaction)
      throw new Error('no')
    })
    await expect(undone).rejects.toThrow('no')
    await database.transaction(async transaction => {
      await notify('1', transaction)
      expect(heard).toEqual([])
    })
    await vi.waitFor(() => expect(heard).toEqual(['first 1', 'second 1']), 15_000)
    await unlisten()
    await notify('2')
    await vi.waitFor(() => expect(heard.slice(2)).toEqual(['second 2']), 15_000)
  })

  test('a client that no longer listens does not take the channel from the others', async () => {
    await using database = await openTestDatabase(kind)
    const [one, other] = await Promise.all([database.pool.connect(), database.pool.connect()])
    const heard: string[] = []
    for (const [name, client] of Object.entries({ one, other })) {
      client.on('notification', ({ payload }) => heard.push(`${name} ${payload}`))
      await client.query('listen news')
    }
    await one.query('unlisten news')
    await database.pool.query(`notify news, 'a'`)
    await vi.waitFor(() => expect(heard).toEqual(['other a']), 15_000)
    await one.query('listen news')
    await one.query('unlisten *')
    await database.pool.query(`notify news, 'b'`)
    await vi.waitFor(() => expect(heard).toEqual(['other a', 'other b']), 15_000)
    await other.query('unlisten *')
    await database.pool.query(`notify news, 'c'`)
    await database.ping()
    expect(heard).toHaveLength(2)
    for (const client of [one, other]) client.release(true)
  })
})

test.runIf(databaseKinds.includes('postgresql'))(
  'a listener comes back after its connection was lost and says so',
  async () => {
    await using database = await openTestDatabase('postgresql')
    const heard: string[] = []
    await database.listen(channel, payload => heard.push(payload))
    const killer = new Client({ connectionString: database.pool.options.connectionString })
    await killer.connect()
    await killer.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    )
    await killer.end()
    await vi.waitFor(() => expect(heard).toEqual(['']), 5_000)
    await sql`select pg_notify(${channel}, 'again')`.execute(database.kysely)
    await vi.waitFor(() => expect(heard).toEqual(['', 'again']), 15_000)
  },
)
