import { describe, expect, test } from 'vitest'

import { databaseKinds, openTestDatabase } from './testing/index.ts'

describe.each(databaseKinds)('on %s', kind => {
  test('answers', async () => {
    await using database = await openTestDatabase(kind)
    expect(await database.kysely.selectFrom('organisations').selectAll().execute()).toEqual([])
  })
})
