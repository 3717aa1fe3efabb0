import { createHash } from 'node:crypto'
import type { Manifest } from '@causeway/contracts'
import canonicalize from 'canonicalize'

/** The version of a manifest: the SHA-256 of its canonical JSON (RFC 8785), defaults included. Equal content has an equal version. */
export function manifestVersion({ kind, name, description, spec }: Manifest): string {
  const text = canonicalize({ kind, name, ...(description !== undefined && { description }), spec })
  return createHash('sha256')
    .update(text ?? '')
    .digest('hex')
}
