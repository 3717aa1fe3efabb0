import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'

import { Client } from 'pg'

import { templateName } from './template-name.ts'

export interface TestPostgresDatabase extends AsyncDisposable {
  readonly url: string
}

export interface PostgresDatabaseOptions {
  /** URL of a database in the server. */
  serverUrl: string
  /** Fills the template, once for each server. */
  fill: (url: string) => Promise<void>
}

const startLimitMs = 20_000
/** Any constant; taken while the template is made. */
const templateLock = 7_163_942

const urlOf = (serverUrl: string, database: string): string => {
  const url = new URL(serverUrl)
  url.pathname = `/${database}`
  return url.href
}

/** Connects, and waits for a server that is still starting. */
async function connect(url: string): Promise<Client> {
  const giveUpAt = Date.now() + startLimitMs
  for (;;) {
    const client = new Client({ connectionString: url })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return client
    } catch (error) {
      if (Date.now() > giveUpAt) throw new Error('The PostgreSQL server for tests does not answer', { cause: error })
      await delay(50)
    }
  }
}

async function prepareTemplate(server: Client, { serverUrl, fill }: PostgresDatabaseOptions): Promise<string> {
  const template = templateName()
  await server.query('select pg_advisory_lock($1)', [templateLock])
  const { rowCount } = await server.query('select 1 from pg_database where datname = $1', [template])
  if (rowCount === 0) {
    const draft = `${template}_draft`
    await server.query(`drop database if exists ${draft} with (force)`)
    await server.query(`create database ${draft}`)
    await fill(urlOf(serverUrl, draft))
    await server.query(`alter database ${draft} rename to ${template}`)
  }
  await server.query('select pg_advisory_unlock($1)', [templateLock])
  return template
}

/** A database of its own with the tables of Causeway, dropped at the end. */
export async function createPostgresDatabase(options: PostgresDatabaseOptions): Promise<TestPostgresDatabase> {
  const server = await connect(options.serverUrl)
  const name = `causeway_test_${randomUUID().replaceAll('-', '')}`
  try {
    await server.query(`create database ${name} template ${await prepareTemplate(server, options)}`)
  } finally {
    await server.end()
  }
  return {
    url: urlOf(options.serverUrl, name),
    async [Symbol.asyncDispose]() {
      const client = await connect(options.serverUrl)
      await client.query(`drop database ${name} with (force)`)
      await client.end()
    },
  }
}
