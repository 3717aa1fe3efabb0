import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'

import { databaseKinds, openTestDatabase } from './testing/index.ts'

describe.each(databaseKinds)('on %s', kind => {
  test('counts are numbers and instants are dates; a count that a number cannot hold is refused', async () => {
    await using database = await openTestDatabase(kind)
    const at = new Date('2026-02-03T04:05:06.789Z')
    const { rows } = await sql`select 9007199254740991::int8 as count, ${at}::timestamptz as at`.execute(
      database.kysely,
    )
    expect(rows).toEqual([{ count: Number.MAX_SAFE_INTEGER, at }])
    await expect(sql`select 9007199254740993::int8 as count`.execute(database.kysely)).rejects.toThrow(RangeError)
    await database.ping()
  })

  test('a value of a megabyte comes back as it was', async () => {
    await using database = await openTestDatabase(kind)
    const value = { text: 'ä€😀"\\'.repeat(100_000), list: Array.from({ length: 1_000 }, (_, index) => ({ index })) }
    const { rows } = await sql<{ value: object }>`select ${JSON.stringify(value)}::jsonb as value`.execute(
      database.kysely,
    )
    expect(rows[0]?.value).toEqual(value)
  })

  test('clients may use the same name for different prepared statements', async () => {
    await using database = await openTestDatabase(kind)
    const clients = await Promise.all([database.pool.connect(), database.pool.connect()])
    const ask = clients.map(async (client, index) => {
      for (let round = 0; round < 3; round++) {
        const text = `select $1::int + ${index * 100} as answer`
        const { rows } = await client.query({ name: 'same', text, values: [round] })
        expect(rows).toEqual([{ answer: round + index * 100 }])
      }
      client.release(true)
    })
    await Promise.all(ask)
    // A later client may use the name as well, because nothing of those that left remains.
    const { rows } = await database.pool.query({ name: 'same', text: 'select 7 as answer' })
    expect(rows).toEqual([{ answer: 7 }])
  })
})
