import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { pino } from 'pino'
import { describe, expect, test } from 'vitest'

import { openDatabase } from './index.ts'
import { createTestStore, databaseKinds, startTestChild, type TestStore } from './testing/index.ts'

const logger = pino({ level: 'silent' })
const open = ({ url, dataFolder }: TestStore) => openDatabase({ url, dataFolder, logger })

const startWriter = ({ dataFolder, url = '' }: TestStore, prefix: string) =>
  startTestChild(new URL('./testing/writer.ts', import.meta.url), [dataFolder, url, prefix])

describe.each(databaseKinds)('on %s', kind => {
  test('kill -9 in the middle of writes loses nothing that was acknowledged [I6.crash-safe]', async () => {
    await using store = await createTestStore(kind)
    const acknowledged: string[] = []
    for (const prefix of ['first', 'second', 'third']) {
      await using writer = startWriter(store, prefix)
      await writer.says(200)
      await writer.kill()
      acknowledged.push(...writer.lines)
    }
    const database = await open(store)
    const organisations = await database.kysely.selectFrom('organisations').select('id').execute()
    const environments = await database.kysely.selectFrom('environments').select('id').execute()
    await database.close()
    const stored = new Set(organisations.map(({ id }) => id))
    expect(acknowledged.length).toBeGreaterThanOrEqual(600)
    expect(acknowledged.filter(id => !stored.has(id))).toEqual([])
    // Both rows of each transaction, or none.
    expect(new Set(environments.map(({ id }) => id))).toEqual(stored)
    // At most the one write of each writer that was under way was done without being acknowledged.
    expect(stored.size - acknowledged.length).toBeLessThanOrEqual(3 * 4)
  })
})

test('a second process on the same data folder is refused, until the first has died [I6.one-process-per-folder]', async () => {
  await using store = await createTestStore('embedded')
  const first = await open(store)
  await using second = startWriter(store, 'second')
  await expect(second.says(1)).rejects.toThrow(
    `The data folder ${store.dataFolder} is in use by process ${process.pid}; stop that one first`,
  )
  expect(await second.exitCode).not.toBe(0)
  await expect(open(store)).rejects.toMatchObject({ name: 'DataFolderInUseError', pid: process.pid })
  await first.close()

  await using third = startWriter(store, 'third')
  await third.says(1)
  await expect(open(store)).rejects.toMatchObject({ name: 'DataFolderInUseError', folder: store.dataFolder })
  await third.kill()
  // What the dead process has left behind does not count.
  const last = await open(store)
  await last.ping()
  await last.close()
})

test('a data folder that cannot be written is refused in one sentence', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-test-'))
  const file = join(folder, 'file')
  writeFileSync(file, '')
  const attempt = openDatabase({ url: undefined, dataFolder: join(file, 'data'), logger })
  await expect(attempt).rejects.toMatchObject({
    name: 'DatabaseStartError',
    message: expect.stringMatching(/^The data folder .*data cannot be written: .*\.$/),
  })
  rmSync(folder, { recursive: true })
})
