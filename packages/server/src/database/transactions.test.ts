import { setTimeout as delay } from 'node:timers/promises'

import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'

import type { Connection } from './index.ts'
import { databaseKinds, openTestDatabase } from './testing/index.ts'

const addOrganisation = async (connection: Connection, name: string): Promise<void> => {
  await connection.insertInto('organisations').values({ id: name, name }).execute()
}

const organisations = async (connection: Connection): Promise<string[]> => {
  const rows = await connection.selectFrom('organisations').select('name').orderBy('name').execute()
  return rows.map(({ name }) => name)
}

describe.each(databaseKinds)('on %s', kind => {
  test('what a transaction does is seen by others once it has ended, and never when it threw [I6.two-databases]', async () => {
    await using database = await openTestDatabase(kind)
    const began = Promise.withResolvers<void>()
    const mayEnd = Promise.withResolvers<void>()
    const good = database.transaction(async transaction => {
      await addOrganisation(transaction, 'kept')
      began.resolve()
      await mayEnd.promise
      return 'result'
    })
    await began.promise
    const seen = organisations(database.kysely)
    // PostgreSQL answers at once, without the row; the embedded database once its one session is free again.
    await (kind === 'embedded' ? delay(20) : seen)
    mayEnd.resolve()
    expect(await good).toBe('result')
    expect(await seen).toEqual(kind === 'embedded' ? ['kept'] : [])

    const bad = database.transaction(async transaction => {
      await addOrganisation(transaction, 'lost')
      throw new Error('no')
    })
    await expect(bad).rejects.toThrow('no')
    expect(await organisations(database.kysely)).toEqual(['kept'])
  })

  test('statements of parallel clients do not get into each other’s transactions', async () => {
    await using database = await openTestDatabase(kind)
    const work = Array.from({ length: 40 }, async (_, index) => {
      await addOrganisation(database.kysely, `alone-${index}`)
      const fails = index % 2 === 1
      const done = database.transaction(async transaction => {
        const ids = new Set<string>()
        for (let step = 0; step < 4; step++) {
          await addOrganisation(transaction, `${fails ? 'lost' : 'kept'}-${index}-${step}`)
          const { rows } = await sql<{ id: string }>`select pg_current_xact_id()::text as id`.execute(transaction)
          ids.add(rows[0]?.id ?? '')
          await delay(1)
        }
        expect(ids.size).toBe(1)
        if (fails) throw new Error('rolled back')
      })
      const outcome = done.then(
        () => 'done',
        (error: Error) => error.message,
      )
      expect(await outcome).toBe(fails ? 'rolled back' : 'done')
    })
    await Promise.all(work)
    const names = await organisations(database.kysely)
    const count = (kindOfName: string): number => names.filter(name => name.startsWith(kindOfName)).length
    expect([count('alone'), count('kept'), count('lost')]).toEqual([40, 80, 0])
  })

  test('after an error in a transaction nothing of it remains and the connection is good', async () => {
    await using database = await openTestDatabase(kind)
    const broken = database.transaction(async transaction => {
      await addOrganisation(transaction, 'one')
      await expect(addOrganisation(transaction, 'one')).rejects.toMatchObject({ code: '23505' })
      await addOrganisation(transaction, 'two')
    })
    await expect(broken).rejects.toMatchObject({ code: '25P02' })
    expect(await organisations(database.kysely)).toEqual([])
    expect(database.pool.totalCount).toBeLessThanOrEqual(2)
  })

  test('a client that goes away in a transaction is rolled back and holds nobody up', async () => {
    await using database = await openTestDatabase(kind)
    const client = await database.pool.connect()
    await client.query('begin')
    await client.query(`insert into organisations (id, name) values ('lost', 'lost')`)
    client.release(true)
    await addOrganisation(database.kysely, 'kept')
    expect(await organisations(database.kysely)).toEqual(['kept'])
  })
})

test.runIf(databaseKinds.includes('postgresql'))(
  'transactions that wait for each other leave connections for everything else',
  async () => {
    await using database = await openTestDatabase('postgresql')
    const mayEnd = Promise.withResolvers<void>()
    const lock = sql`select pg_advisory_xact_lock(1)`
    const first = Promise.withResolvers<void>()
    const transactions = Array.from({ length: 100 }, (_, index) =>
      database.transaction(async transaction => {
        await lock.execute(transaction)
        if (index > 0) return
        first.resolve()
        await mayEnd.promise
      }),
    )
    await first.promise
    expect(await organisations(database.kysely)).toEqual([])
    mayEnd.resolve()
    await Promise.all(transactions)
  },
)
