import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import * as z from 'zod'
import type { Scope } from '../database/index.ts'

/** The call of a run whose result a tool sends. */
export interface CalledBack {
  scope: Scope
  runId: string
  callId: string
}

/** The addresses to which tools send results. Whoever knows one can answer that call and nothing else. */
export interface CallbackAddresses {
  urlFor(call: CalledBack): string
  /** The call that a token is for; undefined where the platform has not made it. */
  read(token: string): CalledBack | undefined
}

/** The keys of the platform. They are not in the database. */
interface Keys {
  newest(): { id: string; bytes: Buffer }
  /** @throws Error where this replica does not have it */
  find(id: string): { id: string; bytes: Buffer }
}

const Claims = z.tuple([z.string(), z.string(), z.string(), z.string()])

/** A token is a key id, what it is for, and HMAC-SHA256 (RFC 2104) of both under a key of its own (HKDF, RFC 5869). */
export function createCallbackAddresses({ keys, baseUrl }: { keys: Keys; baseUrl: () => string }): CallbackAddresses {
  const signed = ({ id, bytes }: { id: string; bytes: Buffer }, claims: string): string => {
    const key = Buffer.from(hkdfSync('sha256', bytes, '', 'causeway tool callback', 32))
    const signature = createHmac('sha256', key).update(`${id}.${claims}`).digest('base64url')
    return `${id}.${claims}.${signature}`
  }
  return {
    urlFor({ scope, runId, callId }) {
      const claims = JSON.stringify([scope.organisationId, scope.environmentId, runId, callId])
      return `${baseUrl()}/v1/tool-callbacks/${signed(keys.newest(), Buffer.from(claims).toString('base64url'))}`
    },
    read(token) {
      try {
        const [id = '', claims = ''] = token.split('.')
        const expected = Buffer.from(signed(keys.find(id), claims))
        const given = Buffer.from(token)
        if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
        const [organisationId, environmentId, runId, callId] = Claims.parse(
          JSON.parse(Buffer.from(claims, 'base64url').toString()),
        )
        return { scope: { organisationId, environmentId }, runId, callId }
      } catch {
        return undefined
      }
    },
  }
}
