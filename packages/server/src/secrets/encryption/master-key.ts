import { createHmac, randomBytes } from 'node:crypto'

/** The key that wraps the data keys of secrets. */
export interface MasterKey {
  /** Fingerprint, which may be shown. */
  id: string
  bytes: Buffer
}

const keyLength = 32

/** A key from its base64 text; undefined where that is not 32 bytes. */
export function masterKeyFrom(text: string): MasterKey | undefined {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length !== keyLength || bytes.toString('base64') !== text) return undefined
  return { id: createHmac('sha256', bytes).update('causeway master key').digest('hex').slice(0, 16), bytes }
}

export const newMasterKeyText = (): string => randomBytes(keyLength).toString('base64')
