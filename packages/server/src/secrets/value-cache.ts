import type { FoundSecret } from './secret-store.ts'

/** Values of secrets in memory, so that a request does not wait for their store. */
export interface ValueCache {
  /**
   * Sees to it that a value is in memory. Undefined when nobody has to wait; what is no longer fresh is looked up again
   * meanwhile, once for all who ask. Never rejects.
   */
  ready(key: string, look: Look): Promise<void> | undefined
  /**
   * What is in memory; undefined where the store has no such secret.
   * @throws what `look` threw when there is no value, or only one that is too old
   */
  read(key: string): FoundSecret | undefined
  /** Has the values looked up before they are used again. */
  doubt(key: string): void
  /** Forgets a value, also one that is being looked up. */
  forget(key: string): void
}

export interface Look {
  freshMs: number
  find: () => Promise<FoundSecret | undefined>
}

interface Entry {
  value: FoundSecret | undefined
  /** When the look that gave the value began; undefined while there is none. */
  at: number | undefined
  failure: { error: unknown; at: number } | undefined
  doubted: boolean
  looking: Promise<void> | undefined
}

interface ValueCacheOptions {
  clock?: () => number
  /** Keys that are kept at the most; the one that came first is forgotten. */
  limit?: number
}

/** What a store says that it does not have may be there soon. */
const freshWhenMissingMs = 5000
/** So many times as long as it is fresh a value is used while it is looked up again; after that one waits for the look. */
const usableTimes = 5
/** While a store does not answer, the last value is used for this long. */
const staleMs = 15 * 60_000
/** A store that has failed is left alone for this long. */
const restMs = 1000
/** A value so young is not looked up again on a doubt: a key that stays refused does not become a flood of looks. */
const doubtedAfterMs = 2000

export function createValueCache({ clock = Date.now, limit = 10_000 }: ValueCacheOptions = {}): ValueCache {
  const entries = new Map<string, Entry>()

  const entryOf = (key: string): Entry => {
    const known = entries.get(key)
    if (known) return known
    const entry: Entry = { value: undefined, at: undefined, failure: undefined, doubted: false, looking: undefined }
    entries.set(key, entry)
    if (entries.size > limit) entries.delete(entries.keys().next().value ?? '')
    return entry
  }

  const look = (entry: Entry, find: Look['find']): Promise<void> => {
    const at = clock()
    entry.looking ??= find()
      .then(
        value => void Object.assign(entry, { value, at, failure: undefined, doubted: false }),
        (error: unknown) => void Object.assign(entry, { failure: { error, at: clock() } }),
      )
      .finally(() => (entry.looking = undefined))
    return entry.looking
  }

  return {
    ready(key, { freshMs, find }) {
      const entry = entryOf(key)
      const age = entry.at === undefined ? Infinity : clock() - entry.at
      const fresh = entry.value ? freshMs : Math.min(freshMs, freshWhenMissingMs)
      if (age < fresh && !entry.doubted) return undefined
      const resting = entry.failure !== undefined && clock() - entry.failure.at < restMs
      if (resting) return undefined
      const looked = look(entry, find)
      return age < freshMs * usableTimes && !entry.doubted ? undefined : looked
    },
    read(key) {
      const entry = entries.get(key)
      if (entry?.at !== undefined && clock() - entry.at < staleMs) return entry.value
      throw entry?.failure?.error ?? new Error('the secret was not looked up before it was used')
    },
    forget: key => void entries.delete(key),
    doubt(key) {
      const entry = entries.get(key)
      if (entry?.at !== undefined && clock() - entry.at >= doubtedAfterMs) entry.doubted = true
    },
  }
}
