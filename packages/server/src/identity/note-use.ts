import type { Audit } from '../audit/index.ts'
import type { Database } from '../database/index.ts'
import type { Caller } from '../http/index.ts'
import { createBoundedMap } from './bounded-map.ts'
import { touchKey } from './key-store.ts'

const touchedMs = 60_000
const auditedMs = 3_600_000
const rememberedAtMost = 10_000

interface Dependencies {
  database: Database
  audit: Audit
  clock: () => number
}

/** Writes down that a key is in use: when it was used last, once a minute; in the audit log, once an hour. */
export function createNoteUse({ database, audit, clock }: Dependencies): (caller: Caller) => Promise<void> {
  const touched = createBoundedMap<number>({ limit: rememberedAtMost })
  const audited = createBoundedMap<number>({ limit: rememberedAtMost })
  return async caller => {
    const { keyId, organisationId, environment, actor } = caller
    const now = clock()
    if (now - (touched.get(keyId) ?? 0) < touchedMs) return
    // Set before it is done, so that requests at the same time do not all do it.
    touched.set(keyId, now)
    const due = now - (audited.get(keyId) ?? 0) >= auditedMs
    if (due) audited.set(keyId, now)
    try {
      await touchKey(database.kysely, keyId, new Date(now))
      if (due)
        await audit.record(database.kysely, {
          organisationId,
          environment,
          actor,
          action: 'key.used',
          subject: keyId,
          detail: {},
        })
    } catch (error) {
      touched.delete(keyId)
      if (due) audited.delete(keyId)
      throw error
    }
  }
}
