import { hkdfSync } from 'node:crypto'
import { seal, unseal } from './encryption/seal.ts'
import type { PlatformKeys } from './signed-tokens.ts'

/** Texts that the database keeps and cannot read, such as credentials that clients leave here. */
export interface SealedTexts {
  /** @param context what the text belongs to; it opens nowhere else */
  seal(text: string, context: string): string
  /** @throws Error where the key is gone, the context is another, or the text was changed */
  open(sealed: string, context: string): string
}

/** @param purpose what the texts are for: those for something else do not open */
export function createSealedTexts(keys: PlatformKeys, purpose: string): SealedTexts {
  // A key of its own (HKDF, RFC 5869).
  const derived = (bytes: Buffer): Buffer => Buffer.from(hkdfSync('sha256', bytes, '', `causeway ${purpose}`, 32))
  return {
    seal(text, context) {
      const { id, bytes } = keys.newest()
      return `${id}.${seal(derived(bytes), Buffer.from(text), context)}`
    },
    open(sealed, context) {
      const at = sealed.indexOf('.')
      return unseal(derived(keys.find(sealed.slice(0, at)).bytes), sealed.slice(at + 1), context).toString()
    },
  }
}
