import { expect, test } from 'vitest'
import { insertRows } from './insert-rows.ts'
import { databaseKinds, openTestDatabase } from './testing/index.ts'

test.each(databaseKinds)(
  'on %s many rows at once are what they are one by one, whatever they have in common [I6.two-databases]',
  async kind => {
    await using database = await openTestDatabase(kind)
    const { kysely } = database
    const rows = Array.from({ length: 40 }, (_, index) => ({
      organisation_id: 'org',
      environment_id: 'env',
      trace_id: `trace-${index}`,
      span_id: 'span',
      parent_span_id: null,
      name: index === 7 ? 'with \u0000 and \\u0000' : 'chat',
      started_at: new Date(1_790_000_000_000 + index),
      duration_ms: 1.5,
      status: index % 2 === 0 ? ('ok' as const) : ('error' as const),
      attributes: { list: [1, null, { deep: 'ä"\\' }], ...(index === 3 && { own: true }) },
    }))
    const read = async () => {
      const found = await kysely.selectFrom('spans').selectAll().orderBy('trace_id').execute()
      await kysely.deleteFrom('spans').execute()
      return found
    }
    for (const row of rows) await insertRows(kysely, 'spans', [row])
    const alone = await read()
    expect(alone).toHaveLength(40)
    expect(alone.find(({ trace_id: id }) => id === 'trace-3')?.attributes).toEqual({
      list: [1, null, { deep: 'ä"\\' }],
      own: true,
    })
    await insertRows(kysely, 'spans', rows)
    // What is there already stays as it is.
    await insertRows(
      kysely,
      'spans',
      rows.map(row => ({ ...row, name: 'again' })),
    )
    expect(await read()).toEqual(alone)
    const alike = Array.from({ length: 40 }, () => rows[0]).filter(row => row !== undefined)
    await insertRows(kysely, 'spans', alike)
    expect(await read()).toEqual(alone.slice(0, 1))
  },
)
