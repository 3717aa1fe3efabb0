import { Client } from 'pg'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'

import { openDatabase } from './index.ts'
import { migrations } from './migrations/index.ts'
import { createTestStore, databaseKinds, openTestDatabase, type TestStore } from './testing/index.ts'

const logger = pino({ level: 'silent' })
const open = ({ url, dataFolder }: TestStore) => openDatabase({ url, dataFolder, logger })

const tamper = async (store: TestStore, statement: string): Promise<void> => {
  const database = await open(store)
  await database.pool.query(statement)
  await database.close()
}

describe.each(databaseKinds)('on %s', kind => {
  test('a migration that was changed after its release is refused', async () => {
    await using store = await createTestStore(kind)
    await tamper(store, `update causeway_migrations set checksum = 'other'`)
    await expect(open(store)).rejects.toThrow(/^The migration 0001-foundation of the database is not/)
    // The refusal lets go of the folder.
    await expect(open(store)).rejects.toThrow(/^The migration 0001-foundation of the database is not/)
  })

  test('a database of a newer version is refused', async () => {
    await using store = await createTestStore(kind)
    await tamper(store, `insert into causeway_migrations (name, checksum) values ('9999-future', 'x')`)
    await expect(open(store)).rejects.toThrow('9999-future, which this version of Causeway does not know')
  })
})

test.runIf(databaseKinds.includes('postgresql'))('replicas may start on an empty server at the same time', async () => {
  await using database = await openTestDatabase('postgresql')
  const connectionString = database.pool.options.connectionString ?? ''
  const client = new Client({ connectionString })
  await client.connect()
  await client.query('drop schema public cascade; create schema public')
  await client.end()
  const opened = await Promise.all(
    Array.from({ length: 4 }, () => openDatabase({ url: connectionString, dataFolder: '', logger })),
  )
  const { rows } = await database.pool.query('select count(*) as count from causeway_migrations')
  expect(rows).toEqual([{ count: migrations.length }])
  await Promise.all(opened.map(each => each.close()))
})
