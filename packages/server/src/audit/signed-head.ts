import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { SignedAuditHead } from '@causeway/contracts'
import canonicalize from 'canonicalize'

/** The keys that heads are signed with. They are not in the database, so that whoever can change it cannot sign. */
export interface HeadKeys {
  /** @throws Error where there is none that can be used */
  newest(): HeadKey
  /** @throws Error where this replica does not have it */
  find(id: string): HeadKey
}

export interface HeadKey {
  id: string
  bytes: Buffer
}

/** Signs where a log ends. */
export function signHead(
  key: HeadKey,
  { organisationId, sequence, hash, at }: Omit<SignedAuditHead, 'keyId' | 'signature'>,
): SignedAuditHead {
  const said = { organisationId, sequence, hash, at, keyId: key.id }
  return { ...said, signature: signatureOf(key, said).toString('hex') }
}

/** Whether the platform has signed a head, and nobody has changed it. */
export const isSigned = (key: HeadKey, { signature, ...said }: SignedAuditHead): boolean =>
  timingSafeEqual(Buffer.from(signature, 'hex'), signatureOf(key, said))

/** HMAC-SHA256 (RFC 2104) over canonical JSON (RFC 8785), under a key of its own (HKDF, RFC 5869). */
function signatureOf({ bytes }: HeadKey, said: Omit<SignedAuditHead, 'signature'>): Buffer {
  const key = Buffer.from(hkdfSync('sha256', bytes, '', 'causeway audit head', 32))
  return createHmac('sha256', key)
    .update(canonicalize(said) ?? '')
    .digest()
}
