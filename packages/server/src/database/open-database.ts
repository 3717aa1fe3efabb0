import { join } from 'node:path'

import { Kysely, PostgresDialect, sql } from 'kysely'
import pLimit from 'p-limit'
import { Client, Pool } from 'pg'
import type { Logger } from 'pino'

import { connectionSettings, unlimitedSettings, type Target } from './connection-settings.ts'
import type { Database } from './database.ts'
import { openEmbedded } from './embedded/open-embedded.ts'
import { guardPool, waiterLimit } from './guarded-pool.ts'
import { createListener } from './listener.ts'
import { migrate } from './migrate.ts'
import { migrations } from './migrations/index.ts'
import { DatabaseStartError } from './start-error.ts'
import type { Tables } from './tables.ts'
import { databaseError, tooManyWaiters } from './unavailable.ts'

export interface OpenDatabaseOptions {
  /** URL of a PostgreSQL server of version 15 or newer; without one the embedded database is used. */
  url: string | undefined
  /** The embedded database is kept in its subfolder `database`. */
  dataFolder: string
  logger: Logger
  /** Most connections at the same time. Default 10. */
  poolSize?: number
}

const oldestServer = 150_000
const closeLimitMs = 10_000
/** Connections that the job queue has for itself, so that its heartbeats do not wait behind the queries of a busy replica. */
const queuePoolSize = 2

async function prepare(target: Target): Promise<void> {
  const client = new Client(unlimitedSettings(target))
  // A failed connection is reported by connect(); without a listener the event would end the process.
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ version: number }>(
      `select current_setting('server_version_num')::int as version`,
    )
    const version = rows[0]?.version ?? 0
    if (version < oldestServer) {
      throw new DatabaseStartError(
        `Causeway needs PostgreSQL 15 or newer; this server has version ${Math.floor(version / 10_000)}.`,
      )
    }
    await migrate(client, migrations)
  } catch (error) {
    throw databaseError(error)
  } finally {
    await client.end().catch(() => undefined)
  }
}

const within = async (limitMs: number, work: Promise<unknown>): Promise<void> => {
  const limit = Promise.withResolvers<void>()
  const timer = setTimeout(limit.resolve, limitMs)
  await Promise.race([work, limit.promise])
  clearTimeout(timer)
}

/** A connection has its prepared statements, so that whoever comes after a quiet time should find one. */
const idleConnectionMs = 5 * 60_000

/**
 * Opens the database and brings its tables up to date.
 *
 * @throws DataFolderInUseError when another process uses the embedded database.
 * @throws DatabaseStartError when the folder cannot be written, the server is too old, or the tables are too new.
 * @throws CausewayError 'database-unavailable' when the server does not answer.
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Database> {
  const { url, dataFolder, logger, poolSize = 10 } = options
  const embedded =
    url === undefined ? await openEmbedded({ dataFolder, folder: join(dataFolder, 'database'), logger }) : undefined
  const target: Target = embedded ?? { url: url ?? '' }
  try {
    await prepare(target)
  } catch (error) {
    await embedded?.close()
    throw error
  }

  const openPool = (max: number): Pool => {
    const opened = new Pool({ ...connectionSettings(target), max, idleTimeoutMillis: idleConnectionMs })
    // The pool listens only to its idle clients; an error of a busy one would otherwise end the process.
    opened.on('connect', client =>
      client.on('error', error => logger.warn({ err: error }, 'a database connection failed')),
    )
    opened.on('error', () => undefined)
    return opened
  }
  const pool = openPool(poolSize)
  const queuePool = openPool(queuePoolSize)
  const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: guardPool(pool) }) })
  const listener = createListener({ settings: connectionSettings(target), logger })
  // A transaction holds its connection while it waits for locks of others: some are left for everything that takes one statement.
  const inTurn = pLimit(Math.max(1, Math.floor(poolSize / 2)))
  let closed: Promise<void> | undefined

  const close = async (): Promise<void> => {
    await listener.close()
    await within(closeLimitMs, Promise.all([pool.end(), queuePool.end()]))
    await embedded?.close()
  }

  return {
    kysely,
    pool,
    queuePool,
    embedded: embedded !== undefined,
    async transaction(work) {
      if (inTurn.pendingCount >= waiterLimit) throw tooManyWaiters(inTurn.pendingCount)
      return inTurn(() => kysely.transaction().execute(work))
    },
    listen: (channel, onNotification) => listener.listen(channel, onNotification),
    async ping() {
      await sql`select 1`.execute(kysely)
    },
    close: () => (closed ??= close()),
  }
}
