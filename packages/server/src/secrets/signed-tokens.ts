import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import * as z from 'zod'

/** The keys of the platform. They are not in the database, so that whoever can change it cannot sign. */
export interface PlatformKeys {
  /** @throws Error where there is none that can be used */
  newest(): { id: string; bytes: Buffer }
  /** @throws Error where this replica does not have it */
  find(id: string): { id: string; bytes: Buffer }
}

/** Tokens for one purpose that only this platform can make. What they say can be read by everybody. */
export interface SignedTokens {
  sign(claims: readonly string[]): string
  /** What a token says; undefined where the platform has not made it for this purpose. */
  read(token: string): string[] | undefined
}

const Claims = z.array(z.string())

/** A token is a key id, claims, and HMAC-SHA256 (RFC 2104) of both under a key of its own for each purpose (HKDF, RFC 5869). */
export function createSignedTokens(keys: PlatformKeys, purpose: string): SignedTokens {
  const signed = ({ id, bytes }: { id: string; bytes: Buffer }, claims: string): string => {
    const key = Buffer.from(hkdfSync('sha256', bytes, '', `causeway ${purpose}`, 32))
    const signature = createHmac('sha256', key).update(`${id}.${claims}`).digest('base64url')
    return `${id}.${claims}.${signature}`
  }
  return {
    sign: claims => signed(keys.newest(), Buffer.from(JSON.stringify(claims)).toString('base64url')),
    read(token) {
      try {
        const [id = '', claims = ''] = token.split('.')
        const expected = Buffer.from(signed(keys.find(id), claims))
        const given = Buffer.from(token)
        if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
        return Claims.parse(JSON.parse(Buffer.from(claims, 'base64url').toString()))
      } catch {
        return undefined
      }
    },
  }
}
