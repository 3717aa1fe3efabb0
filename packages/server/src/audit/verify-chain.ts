import { createHash } from 'node:crypto'
import type { AuditVerification } from '@causeway/contracts'
import canonicalize from 'canonicalize'
import type { Connection } from '../database/index.ts'
import { auditHead, chainAfter, genesis, type ChainRow } from './store.ts'

const batchSize = 1000

/** Recomputes the chain of an organisation: finds edited, deleted, reordered and cut-off rows. Reads in batches. */
export async function verifyChain(connection: Connection, organisationId: string): Promise<AuditVerification> {
  const head = await auditHead(connection, organisationId)
  let last = { sequence: 0, hash: genesis }
  for (;;) {
    const rows = await chainAfter(connection, organisationId, last.sequence, batchSize)
    for (const row of rows) {
      if (row.sequence > head.sequence) break
      const problem = problemOf(row, last)
      if (problem)
        return {
          valid: false,
          entries: last.sequence,
          head: head.hash,
          firstBrokenSequence: last.sequence + 1,
          problem,
        }
      last = row
    }
    if (rows.length < batchSize) break
  }
  const cut = last.sequence !== head.sequence || last.hash !== head.hash
  return {
    valid: !cut,
    entries: last.sequence,
    head: head.hash,
    firstBrokenSequence: cut ? last.sequence + 1 : null,
    problem: cut ? `The log ends at row ${last.sequence}, its head is at row ${head.sequence}.` : null,
  }
}

function problemOf(row: ChainRow, last: { sequence: number; hash: string }): string | undefined {
  if (row.sequence !== last.sequence + 1) return `Row ${last.sequence + 1} is missing.`
  if (row.previous_hash !== last.hash) return `Row ${row.sequence} does not continue the row before it.`
  const hash = createHash('sha256').update(`${row.previous_hash}:${row.sequence}:${row.body}`).digest('hex')
  if (hash !== row.hash) return `Row ${row.sequence} was changed.`
  return columnsDiffer(row) ? `The columns of row ${row.sequence} do not say what its hashed body says.` : undefined
}

/** The columns beside the body serve the filters; they must not tell another story. */
function columnsDiffer({ body, actor, action, subject, environment, at }: ChainRow): boolean {
  const { detail: _detail, ...said } = JSON.parse(body) as Record<string, unknown>
  return canonicalize(said) !== canonicalize({ at: at.toISOString(), actor, action, environment, subject })
}
