import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { createPreparedNames } from './prepared-names.ts'
import { databaseKinds, openTestDatabase } from './testing/index.ts'

describe.each(databaseKinds)('prepared statements on %s', kind => {
  test('go on while a newer version gives their table another column', async () => {
    await using database = await openTestDatabase(kind)
    const { kysely } = database
    await sql`create table notes (id int primary key, text text)`.execute(kysely)
    const write = (id: number) =>
      sql`insert into notes (id, text) values (${id}, 'a') on conflict (id) do update set text = 'b' returning text`.execute(
        kysely,
      )
    const read = () => sql`select * from notes where id > ${0}::int order by id`.execute(kysely)
    for (let id = 1; id <= 10; id++) {
      await write(id)
      expect((await read()).rows).toHaveLength(id)
    }
    const { rows: kept } = await sql<{ count: number }>`select count(*) as count from pg_prepared_statements`.execute(
      kysely,
    )
    expect(kept[0]?.count).toBeGreaterThan(0)
    await sql`alter table notes add column more text default 'x'`.execute(kysely)
    expect((await write(1)).rows).toEqual([{ text: 'b' }])
    expect((await read()).rows[0]).toEqual({ id: 1, text: 'b', more: 'x' })
  })
})

test('only so many statements are kept prepared, whatever is asked', () => {
  const nameOf = createPreparedNames()
  const names = new Set<string>()
  for (let number = 0; number < 10_000; number++)
    for (let time = 0; time < 3; time++) {
      const name = nameOf(`select ${number} as answer`)
      if (name !== undefined) names.add(name)
    }
  expect(names.size).toBe(200)
})
