/** Rows that are read on every request, kept in memory for a moment. */
export interface KeptFresh<Value> {
  /**
   * The value of a key. One that is older than `freshMs` is read again for those who come later, while whoever asks now
   * still gets it; one that is older than `usableMs` is waited for. Those who ask at the same time share one look.
   * @param read is asked once more now and then, for as long as the key stays warm
   * @throws what `read` throws when there is no usable value
   */
  get(key: string, read: () => Promise<Value>): Value | Promise<Value>
  /** Forgets everything, also what is being read now. */
  clear(): void
}

interface Entry<Value> {
  value: Value | undefined
  /** When the look that gave the value began; 0 while there is none. */
  at: number
  reading: Promise<Value> | undefined
  read: () => Promise<Value>
  /** When it was asked for the last time. */
  usedAt: number
}

interface KeptFreshOptions {
  freshMs: number
  usableMs: number
  /** Keys that are kept at the most; the oldest is forgotten. */
  limit: number
  /** Whether values that were used lately are looked at again unasked, so that whoever comes next does not wait. */
  warm?: boolean
  clock?: () => number
}

/** How long after its last use a value is looked at unasked, in milliseconds. */
const warmMs = 30_000
/** Keys that are looked at unasked at the most: more have so many users that one of them comes anyway. */
const warmAtMost = 8

export function keptFresh<Value>(options: KeptFreshOptions): KeptFresh<Value> {
  const { freshMs, usableMs, limit, warm: keepsWarm = false, clock = Date.now } = options
  const entries = new Map<string, Entry<Value>>()
  const warm = new Set<string>()
  let timer: NodeJS.Timeout | undefined

  const look = (key: string, entry: Entry<Value>): Promise<Value> => {
    if (entry.reading) return entry.reading
    const at = clock()
    entry.reading = entry.read().then(
      value => {
        Object.assign(entry, { value, at, reading: undefined })
        return value
      },
      (error: unknown) => {
        // The next one looks again, and does not go on with what could not be confirmed.
        if (entries.get(key) === entry) entries.delete(key)
        throw error
      },
    )
    return entry.reading
  }
  // A failure is for the one who comes when the value is no longer usable.
  const lookUnasked = (key: string, entry: Entry<Value>): void => void look(key, entry).catch(() => {})

  const lookAtWarm = (): void => {
    const now = clock()
    for (const key of warm) {
      const entry = entries.get(key)
      if (!entry || now - entry.usedAt > warmMs) warm.delete(key)
      else if (now - entry.at > usableMs / 2) lookUnasked(key, entry)
    }
    if (warm.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
  const keepWarm = (key: string): void => {
    if (!keepsWarm || warm.size >= warmAtMost || warm.has(key)) return
    warm.add(key)
    timer ??= setInterval(lookAtWarm, usableMs / 4).unref()
  }

  return {
    get(key, read) {
      let entry = entries.get(key)
      if (!entry) {
        entry = { value: undefined, at: 0, reading: undefined, read, usedAt: 0 }
        entries.set(key, entry)
        if (entries.size > limit) entries.delete(entries.keys().next().value ?? '')
      }
      const now = clock()
      const age = now - entry.at
      entry.read = read
      entry.usedAt = now
      if (entry.at === 0 || age > usableMs) {
        keepWarm(key)
        return look(key, entry)
      }
      if (age > freshMs) lookUnasked(key, entry)
      return entry.value as Value
    },
    clear: () => entries.clear(),
  }
}
