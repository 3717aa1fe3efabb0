import type { TestProject } from 'vitest/node'

import { findPostgresBinaries } from './postgres-binaries.ts'
import { startPostgres } from './postgres-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of a database in which test databases may be created; null when there is no PostgreSQL. */
    postgresUrl: string | null
  }
}

const skipped =
  'Tests on PostgreSQL are skipped: neither TEST_POSTGRES_URL is set, nor are the server programs of PostgreSQL ' +
  'installed (Debian: apt-get install postgresql). The same tests run on the embedded database.\n'

/** Gives a test run its PostgreSQL server; called by vitest. */
export function setup(project: TestProject): (() => Promise<void>) | undefined {
  const existing = process.env['TEST_POSTGRES_URL']
  if (existing !== undefined) {
    project.provide('postgresUrl', existing)
    return undefined
  }
  const binaries = findPostgresBinaries(process.env['PATH'] ?? '')
  if (binaries === undefined) {
    process.stderr.write(skipped)
    project.provide('postgresUrl', null)
    return undefined
  }
  const server = startPostgres({ binaries })
  project.provide('postgresUrl', server.url)
  return () => server.stop()
}
