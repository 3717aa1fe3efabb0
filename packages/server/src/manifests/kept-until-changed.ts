import { LRUCache } from 'lru-cache'
import { keptFresh, type Scope } from '../database/index.ts'

/** How long another replica may work with what has just been replaced, in milliseconds. This one forgets at once. */
const staleMs = 500
/** After this what is in use is looked at again, so that nobody waits for it. */
const freshMs = 150
const environmentsKept = 1000

/** What was read of the manifests in force in environments, kept for as long as their revisions stay the same. */
export interface KeptUntilChanged {
  /**
   * The value of a key within an environment, which is always read in the same way; the same object until what is in
   * force has changed.
   * @throws what `read` throws, and then reads again at the next call
   */
  get<Value>(scope: Scope, key: string, read: () => Promise<Value>): Promise<Value>
  /** Looks at the revisions again before anything is used. */
  lookAgain(): void
}

export function keptUntilChanged({
  limit,
  revisionOf,
}: {
  /** Values that are kept at the most; the one that was not used for the longest time is forgotten. */
  limit: number
  revisionOf: (scope: Scope) => Promise<number>
}): KeptUntilChanged {
  const revisions = keptFresh<number>({ freshMs, usableMs: staleMs, limit: environmentsKept })
  const entries = new LRUCache<string, { revision: number; value: Promise<unknown> }>({ max: limit })

  return {
    async get<Value>(scope: Scope, key: string, read: () => Promise<Value>) {
      const revision = await revisions.get(scope.environmentId, () => revisionOf(scope))
      const place = `${scope.environmentId} ${key}`
      const known = entries.get(place)
      if (known?.revision === revision) return known.value as Promise<Value>
      const value = read()
      entries.set(place, { revision, value })
      value.catch(() => {
        if (entries.peek(place)?.value === value) entries.delete(place)
      })
      return value
    },
    lookAgain: () => revisions.clear(),
  }
}
