import type { Kysely, Transaction } from 'kysely'
import type pg from 'pg'

import type { Tables } from './tables.ts'

/** What queries run on: the database itself, or a transaction of it. */
export type Connection = Kysely<Tables>

/** The one database of a replica: PostgreSQL, or the embedded engine behind the same interface. */
export interface Database {
  /** Queries. Connection loss becomes CausewayError 'database-unavailable'. */
  readonly kysely: Kysely<Tables>
  /** The connections behind `kysely`. Errors are those of `pg`. */
  readonly pool: pg.Pool
  /** For the library of the job queue, which brings its own SQL: a few connections that nothing else waits for. */
  readonly queuePool: pg.Pool
  /** Whether the engine runs inside this process, which then is the only one. */
  readonly embedded: boolean
  /**
   * Runs work in one transaction (read committed); what it throws rolls the transaction back. Use only the given
   * connection inside: the embedded database has one transaction at a time.
   */
  transaction<Result>(work: (transaction: Transaction<Tables>) => Promise<Result>): Promise<Result>
  /**
   * Calls back for each NOTIFY on the channel, until the returned function is called. After a lost connection it
   * subscribes again and calls back with '' because notifications may have been missed.
   */
  listen(channel: string, onNotification: (payload: string) => void): Promise<() => Promise<void>>
  /** @throws CausewayError 'database-unavailable' */
  ping(): Promise<void>
  /** Waits for the queries that run (at most 10 s), then closes. */
  close(): Promise<void>
}
