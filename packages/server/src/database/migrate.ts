import { createHash } from 'node:crypto'

import type pg from 'pg'

import type { Migration } from './migrations/index.ts'
import { DatabaseStartError } from './start-error.ts'

/** Any constant will do, as long as nothing else takes the same advisory lock. */
const migrationLock = 7_163_941

interface Applied {
  name: string
  checksum: string
}

const checksumOf = ({ sql }: Migration): string => createHash('sha256').update(sql).digest('hex')

async function inTransaction(client: pg.Client, work: () => Promise<void>): Promise<void> {
  await client.query('begin')
  try {
    await client.query('select pg_advisory_xact_lock($1)', [migrationLock])
    await work()
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}

async function applied(client: pg.Client): Promise<Applied[]> {
  const { rows } = await client.query<Applied>('select name, checksum from causeway_migrations order by name')
  return rows
}

function assertSameHistory(history: readonly Applied[], migrations: readonly Migration[]): void {
  for (const [index, { name, checksum }] of history.entries()) {
    const migration = migrations[index]
    if (migration === undefined) {
      throw new DatabaseStartError(
        `The database has the migration ${name}, which this version of Causeway does not know; start the newer version.`,
      )
    }
    if (migration.name !== name || checksumOf(migration) !== checksum) {
      throw new DatabaseStartError(
        `The migration ${name} of the database is not the ${migration.name} of this version of Causeway; ` +
          'a released migration must not change.',
      )
    }
  }
}

/**
 * Brings the database up to date. Each migration runs in its own transaction under an advisory lock, so replicas may
 * start at the same time.
 *
 * @throws DatabaseStartError when the database is newer than the code, or a released migration was changed.
 */
export async function migrate(client: pg.Client, migrations: readonly Migration[]): Promise<void> {
  await inTransaction(client, async () => {
    await client.query(
      'create table if not exists causeway_migrations ' +
        '(name text primary key, checksum text not null, applied_at timestamptz not null default now())',
    )
  })
  for (const migration of migrations) {
    await inTransaction(client, async () => {
      const history = await applied(client)
      assertSameHistory(history, migrations)
      if (history.some(({ name }) => name === migration.name)) return
      await client.query(migration.sql)
      const row = [migration.name, checksumOf(migration)]
      await client.query('insert into causeway_migrations (name, checksum) values ($1, $2)', row)
    })
  }
}
