import type { Duplex } from 'node:stream'

import type pg from 'pg'

import { createValueTypes } from './value-types.ts'

/** Longest time to make a connection, and to wait for a free one. Milliseconds. */
const connectLimitMs = 10_000
/** Longest time of one statement on the server. Milliseconds. */
const statementLimitMs = 30_000
/** Longest time without an answer, for a server that has silently gone. Milliseconds. */
const answerLimitMs = statementLimitMs + 5_000
/** Longest pause inside a transaction, after which it is rolled back. Milliseconds. */
export const idleTransactionLimitMs = 60_000

/** Where connections lead: to a server, or through a stream into the embedded engine. */
export type Target = { url: string } | { openStream: () => Duplex }

/** Settings of a connection without time limits on statements, for migrations. */
export const unlimitedSettings = (target: Target): pg.ClientConfig => ({
  ...('url' in target ? { connectionString: target.url } : { stream: target.openStream, user: 'postgres' }),
  application_name: 'causeway',
  connectionTimeoutMillis: connectLimitMs,
  keepAlive: true,
  types: createValueTypes(),
})

/** Settings of every other connection. */
export const connectionSettings = (target: Target): pg.ClientConfig => ({
  ...unlimitedSettings(target),
  statement_timeout: statementLimitMs,
  query_timeout: answerLimitMs,
  idle_in_transaction_session_timeout: idleTransactionLimitMs,
})
