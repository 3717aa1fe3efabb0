import { createHash } from 'node:crypto'

import serverPackage from '../../../package.json' with { type: 'json' }
import { migrations } from '../migrations/index.ts'

const { '@electric-sql/pglite': engine, 'pg-boss': queue } = serverPackage.dependencies

/** Name of the prepared database that test databases are copied from: another one for other tables or another engine. */
export function templateName(): string {
  const contents = JSON.stringify([migrations, engine, queue])
  return `causeway_template_${createHash('sha256').update(contents).digest('hex').slice(0, 16)}`
}
