import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { sql } from 'kysely'
import { Client } from 'pg'
import { pino } from 'pino'
import { describe, expect, test, vi } from 'vitest'

import { openEmbedded } from './embedded/open-embedded.ts'
import { openDatabase } from './index.ts'
import { createTestStore, databaseKinds, openTestDatabase } from './testing/index.ts'

const logger = pino({ level: 'silent' })
const unavailable = { code: 'database-unavailable', retryAfterSeconds: 2 }

describe.each(databaseKinds)('on %s', kind => {
  test('a closed database is unavailable, and closing again does no harm', async () => {
    await using database = await openTestDatabase(kind)
    const running = sql`select pg_sleep(0.2)`.execute(database.kysely)
    await database.ping()
    await database.close()
    await running
    await expect(database.ping()).rejects.toMatchObject(unavailable)
    await database.close()
  })

  test('callers are turned away at once when too many wait for a connection', async () => {
    await using store = await createTestStore(kind)
    await using database = await openDatabase({ ...store, logger, poolSize: 1 }).then(opened => ({
      ...opened,
      [Symbol.asyncDispose]: opened.close,
    }))
    const client = await database.pool.connect()
    const waiting = Array.from({ length: 1_000 }, () => database.ping())
    await expect(database.ping()).rejects.toMatchObject(unavailable)
    await expect(database.ping()).rejects.toThrow('1000 requests already wait')
    client.release()
    await Promise.all(waiting)
  })
})

test.runIf(databaseKinds.includes('postgresql'))('a lost connection is an error that may be retried', async () => {
  await using database = await openTestDatabase('postgresql')
  const loss = database.transaction(async transaction => {
    await sql`select pg_terminate_backend(pg_backend_pid())`.execute(transaction)
  })
  await expect(loss).rejects.toMatchObject(unavailable)
  await database.ping()
})

test('a server that cannot be reached is reported within the time limit', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'causeway-test-'))
  const open = openDatabase({ url: 'postgresql://postgres@127.0.0.1:1/none', dataFolder, logger })
  await expect(open).rejects.toMatchObject(unavailable)
  rmSync(dataFolder, { recursive: true })
})

test('the embedded engine is started again when a statement runs away, and loses nothing', async () => {
  await using store = await createTestStore('embedded')
  const { dataFolder } = store
  const embedded = await openEmbedded({ dataFolder, folder: join(dataFolder, 'database'), logger })
  const connect = async (): Promise<Client> => {
    const client = new Client({ stream: () => embedded.openStream(), statement_timeout: 500 })
    client.on('error', () => undefined)
    await client.connect()
    return client
  }
  const [one, other] = [await connect(), await connect()]
  await one.query(`insert into organisations (id, name) values ('kept', 'kept')`)
  await one.query(
    `create function endless(n int) returns int language plpgsql as 'begin loop n := n + 1; end loop; end'`,
  )
  const runaway = one.query('select endless(1)')
  const others = delay(100).then(() => other.query('select 1'))
  const [ran, waited] = await Promise.allSettled([runaway, others])
  expect([ran.status, waited.status]).toEqual(['rejected', 'rejected'])
  await vi.waitFor(
    async () => {
      const { rows } = await (await connect()).query('select name from organisations')
      expect(rows).toEqual([{ name: 'kept' }])
    },
    { timeout: 10_000, interval: 100 },
  )
  await embedded.close()
})
