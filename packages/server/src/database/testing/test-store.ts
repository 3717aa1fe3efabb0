import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { pino } from 'pino'
import { inject } from 'vitest'

import { createJobs } from '../../jobs/index.ts'
import type { Database } from '../database.ts'
import { openDatabase, type OpenDatabaseOptions } from '../open-database.ts'
import { createEmbeddedFolder } from './embedded-folder.ts'
import { createPostgresDatabase } from './postgres-database.ts'

export type DatabaseKind = 'embedded' | 'postgresql'

/** The kinds that this test run can use, for `describe.each(databaseKinds)`. */
export const databaseKinds: readonly DatabaseKind[] =
  inject('postgresUrl') === null ? ['embedded'] : ['embedded', 'postgresql']

/** The quickest kind that this test run can use, for what does not depend on the database. */
export const anyKind: DatabaseKind = databaseKinds.at(-1) ?? 'embedded'

/** Where a database is, for `openDatabase` here or in another process; removed at the end. */
export interface TestStore extends AsyncDisposable {
  readonly url: string | undefined
  readonly dataFolder: string
}

const logger = pino({ level: 'silent' })

/** Makes all tables, those of the job queue too: on the embedded database they take the better part of a second. */
const fill = async (options: Pick<OpenDatabaseOptions, 'url' | 'dataFolder'>): Promise<void> => {
  const database = await openDatabase({ ...options, logger })
  const jobs = createJobs({ database, logger })
  await jobs.start()
  await jobs.stop({ drainSeconds: 0 })
  await database.close()
}

/** A store of its own with the tables of Causeway and nothing in them. */
export async function createTestStore(kind: DatabaseKind): Promise<TestStore> {
  if (kind === 'embedded') {
    const folder = await createEmbeddedFolder(dataFolder => fill({ url: undefined, dataFolder }))
    return { url: undefined, dataFolder: folder.path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
  }
  const serverUrl = inject('postgresUrl')
  if (serverUrl === null) throw new Error('There is no PostgreSQL in this test run; ask databaseKinds first')
  await using parts = new AsyncDisposableStack()
  const dataFolder = parts.adopt(await mkdtemp(join(tmpdir(), 'causeway-test-')), path => rm(path, { recursive: true }))
  const { url } = parts.use(await createPostgresDatabase({ serverUrl, fill: each => fill({ url: each, dataFolder }) }))
  const owned = parts.move()
  return { url, dataFolder, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/**
 * Opens an empty database of its own; `await using` closes and removes it.
 *
 * @example
 * describe.each(databaseKinds)('on %s', kind => {
 *   test('…', async () => {
 *     await using database = await openTestDatabase(kind)
 *   })
 * })
 */
export async function openTestDatabase(kind: DatabaseKind): Promise<Database & AsyncDisposable> {
  await using parts = new AsyncDisposableStack()
  const { url, dataFolder } = parts.use(await createTestStore(kind))
  const database = parts.adopt(await openDatabase({ url, dataFolder, logger }), each => each.close())
  const owned = parts.move()
  return { ...database, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
