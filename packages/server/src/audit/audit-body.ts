import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'

/** What the hash of a row covers. */
export interface AuditBody {
  at: string
  actor: string
  action: string
  environment: string | null
  subject: string
  detail: Record<string, unknown>
}

/** Largest detail that is kept, in bytes of its JSON: a row of the log is no place for payloads. */
const detailAtMost = 16 * 1024

/**
 * The canonical JSON (RFC 8785) of a row. A detail that is too large is replaced by its size and hash, by which it can be
 * recognised.
 */
export function auditBody(entry: AuditBody): string {
  const cleaned = clean(entry.detail)
  const detail = canonical(cleaned)
  const size = Buffer.byteLength(detail)
  if (size <= detailAtMost) return canonical({ ...entry, detail: cleaned })
  const omitted = { bytes: size, sha256: createHash('sha256').update(detail).digest('hex') }
  return canonical({ ...entry, detail: { omitted } })
}

/** Text as both canonical JSON and the database take it: half surrogates and NUL, which neither can keep, become �. */
export const cleanText = (text: string): string => text.toWellFormed().replaceAll('\0', '\u{FFFD}')

/** Plain JSON: dates as text, undefined left out. */
const clean = (detail: Record<string, unknown>): unknown =>
  JSON.parse(JSON.stringify(detail), (_key, value: unknown) => (typeof value === 'string' ? cleanText(value) : value))

function canonical(value: unknown): string {
  const text = canonicalize(value)
  if (text === undefined) throw new Error('an audit record must be JSON')
  return text
}
