import { createHash } from 'node:crypto'
import { CausewayError, type AuditVerification, type SignedAuditHead } from '@causeway/contracts'
import canonicalize from 'canonicalize'
import * as z from 'zod'
import type { Connection } from '../database/index.ts'
import { isSigned, type HeadKeys } from './signed-head.ts'
import { auditHead, chainBetween, genesis, hashAt, rowBeyondHead, type ChainRow } from './store.ts'

const batchSize = 1000

type Link = Pick<ChainRow, 'sequence' | 'hash'>

/** Rows may be removed, because their time is over, while they are read. */
const triesAtMost = 3

/**
 * Recomputes the chain of an organisation: finds edited, deleted, inserted, reordered and cut-off rows. Reads in batches, so that
 * memory stays bounded; rows that are appended meanwhile are left for the next time.
 */
export async function verifyChain(...of: Parameters<typeof verifyOnce>): Promise<AuditVerification> {
  const [connection, organisationId] = of
  for (let tries = 1; ; tries++) {
    const verified = await verifyOnce(...of)
    if (verified.valid || tries === triesAtMost) return verified
    const { removed } = await auditHead(connection, organisationId)
    if ((removed?.sequence ?? 0) === (verified.removed?.sequence ?? 0)) return verified
  }
}

async function verifyOnce(
  connection: Connection,
  organisationId: string,
  keys: Pick<HeadKeys, 'find'>,
): Promise<AuditVerification> {
  const { removed, ...head } = await auditHead(connection, organisationId)
  const before: Link = removed ?? { sequence: 0, hash: genesis }
  const answer = (last: Link, problem: string | null, broken = last.sequence + 1): AuditVerification => ({
    valid: problem === null,
    entries: last.sequence - before.sequence,
    ...(removed && { removed: { sequence: removed.sequence, at: removed.at } }),
    head: head.hash,
    firstBrokenSequence: problem === null ? null : broken,
    problem,
  })
  if (removed && !isOurs(removed, organisationId, keys))
    return answer(before, `Rows up to ${before.sequence} were removed by somebody else than the platform.`, 1)
  let last = before
  while (last.sequence < head.sequence) {
    const range = { after: last.sequence, upTo: head.sequence, limit: batchSize }
    const rows = await chainBetween(connection, organisationId, range)
    if (rows.length === 0)
      return answer(last, `The log ends at row ${last.sequence}, its head is at row ${head.sequence}.`)
    for (const row of rows) {
      const problem = problemOf(row, last)
      if (problem) return answer(last, problem)
      last = row
    }
  }
  if (last.hash !== head.hash) return answer(last, 'The head is not the hash of the last row.', last.sequence)
  const beyond = await rowBeyondHead(connection, organisationId)
  return answer(last, beyond === undefined ? null : `Row ${beyond} stands behind the head.`, beyond)
}

/**
 * Recomputes the chain and sees whether it goes on from a head that was kept elsewhere: whoever can write to the database can compute
 * every hash anew, and cut the log off where it suits, but not make it hold that head.
 * @throws CausewayError invalid-request for a head that was not signed for this organisation, or whose row was removed since
 */
export async function verifyAgainst(
  connection: Connection,
  organisationId: string,
  { head, keys }: { head: SignedAuditHead; keys: HeadKeys },
): Promise<AuditVerification> {
  if (!isOurs(head, organisationId, keys))
    throw new CausewayError('invalid-request', 'The head was not signed by this platform for this organisation.', {
      problems: [{ pointer: '/head/signature', message: 'expected the signature of the platform' }],
    })
  const verified = await verifyChain(connection, organisationId, keys)
  if (verified.valid && head.sequence < (verified.removed?.sequence ?? 0))
    throw new CausewayError(
      'invalid-request',
      `The row of this head was removed on ${verified.removed?.at}, because its time was over. Compare a head with a sequence of ${verified.removed?.sequence} or more.`,
      { problems: [{ pointer: '/head/sequence', message: `expected at least ${verified.removed?.sequence}` }] },
    )
  const known = await hashAt(connection, organisationId, head.sequence)
  if (!verified.valid || known === head.hash) return verified
  const problem =
    known === undefined
      ? `On ${head.at} the log had ${head.sequence} rows; it has ${verified.entries} now.`
      : `Row ${head.sequence} had another hash on ${head.at}: the log was written anew.`
  return { ...verified, valid: false, firstBrokenSequence: Math.min(head.sequence, verified.entries + 1), problem }
}

/** Whether the platform has signed a head for an organisation. */
const isOurs = (head: SignedAuditHead, organisationId: string, keys: Pick<HeadKeys, 'find'>): boolean =>
  head.organisationId === organisationId && isSigned(keys.find(head.keyId), head)

function problemOf(row: ChainRow, last: Link): string | undefined {
  if (row.sequence !== last.sequence + 1) return `Row ${last.sequence + 1} is missing.`
  if (row.previous_hash !== last.hash) return `Row ${row.sequence} does not continue the row before it.`
  const hash = createHash('sha256').update(`${row.previous_hash}:${row.sequence}:${row.body}`).digest('hex')
  if (hash !== row.hash) return `Row ${row.sequence} was changed.`
  return columnsDiffer(row) ? `The columns of row ${row.sequence} do not say what its hashed body says.` : undefined
}

const Body = z.record(z.string(), z.unknown())

/** The columns beside the body serve the filters; they must not tell another story. */
function columnsDiffer({ body, actor, action, subject, environment, at }: ChainRow): boolean {
  const { detail: _detail, ...said } = Body.parse(JSON.parse(body))
  return canonicalize(said) !== canonicalize({ at: at.toISOString(), actor, action, environment, subject })
}
