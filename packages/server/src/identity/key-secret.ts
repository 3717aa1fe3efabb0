import { hash, randomBytes } from 'node:crypto'

/** A new credential with 192 random bits, so that a plain SHA-256 of it is safe to store. */
export const newSecret = (prefix: 'cw' | 'cws'): string => `${prefix}_${randomBytes(24).toString('base64url')}`

/** What is stored of a credential. */
export const hashSecret = (secret: string): string => hash('sha256', secret, 'hex')

/** The part of a key that may be shown again. */
export const prefixOf = (key: string): string => key.slice(0, 9)
