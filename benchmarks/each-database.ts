import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@causeway/server'
import { openDatabase } from '../packages/server/src/database/index.ts'
import { findPostgresBinaries } from '../packages/server/src/database/testing/postgres-binaries.ts'
import { createPostgresDatabase } from '../packages/server/src/database/testing/postgres-database.ts'
import { startPostgres } from '../packages/server/src/database/testing/postgres-server.ts'
import type { Measurement } from './measurement.ts'

/** Where a platform keeps its data; removed at the end. */
export interface Location extends AsyncDisposable {
  url: string | undefined
  dataFolder: string
}

/** A database to measure on. */
export interface MeasuredDatabase {
  kind: 'embedded' | 'postgresql'
  /** A database of its own, with the tables of Causeway and nothing in them. */
  locate(): Promise<Location>
}

/** Measures on the embedded database, and on a PostgreSQL of its own where that is on this machine. */
export async function onEachDatabase(
  measure: (database: MeasuredDatabase) => Promise<Measurement[]>,
  {
    bare = false,
    ...options
  }: {
    durable?: boolean
    /** Whether the databases have no tables yet. */
    bare?: boolean
  } = {},
): Promise<Measurement[]> {
  const embedded = await measure({ kind: 'embedded', locate: () => locate(undefined, { bare }) })
  const binaries = findPostgresBinaries(process.env['PATH'] ?? '')
  if (!binaries) {
    process.stderr.write('PostgreSQL is not on this machine: only the embedded database was measured.\n')
    return embedded
  }
  const server = startPostgres({ binaries, ...options })
  try {
    return [...embedded, ...(await measure({ kind: 'postgresql', locate: () => locate(server.url, { bare }) }))]
  } finally {
    await server.stop()
  }
}

async function locate(serverUrl: string | undefined, { bare }: { bare: boolean }): Promise<Location> {
  await using parts = new AsyncDisposableStack()
  const dataFolder = parts.adopt(await mkdtemp(join(tmpdir(), 'causeway-bench-')), path =>
    rm(path, { recursive: true, force: true }),
  )
  const logger = createLogger({ level: 'silent' })
  const fill = async (url: string): Promise<void> => {
    if (!bare) await (await openDatabase({ url, dataFolder, logger })).close()
  }
  const url = serverUrl === undefined ? undefined : parts.use(await createPostgresDatabase({ serverUrl, fill })).url
  const owned = parts.move()
  return { url, dataFolder, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
