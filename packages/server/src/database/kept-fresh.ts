/** Rows that are read on every request, kept in memory for a moment. */
export interface KeptFresh<Value> {
  /**
   * The value of a key. One that is older than `freshMs` is read again for those who come later, while whoever asks now
   * still gets it; one that is older than `usableMs` is waited for. Those who ask at the same time share one look.
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
}

interface KeptFreshOptions {
  freshMs: number
  usableMs: number
  /** Keys that are kept at the most; the oldest is forgotten. */
  limit: number
  clock?: () => number
}

export function keptFresh<Value>({ freshMs, usableMs, limit, clock = Date.now }: KeptFreshOptions): KeptFresh<Value> {
  const entries = new Map<string, Entry<Value>>()

  const look = (key: string, entry: Entry<Value>, read: () => Promise<Value>): Promise<Value> => {
    if (entry.reading) return entry.reading
    const at = clock()
    entry.reading = read().then(
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

  return {
    get(key, read) {
      let entry = entries.get(key)
      if (!entry) {
        entry = { value: undefined, at: 0, reading: undefined }
        entries.set(key, entry)
        if (entries.size > limit) entries.delete(entries.keys().next().value ?? '')
      }
      const age = clock() - entry.at
      if (entry.at === 0 || age > usableMs) return look(key, entry, read)
      // A failure is for the one who comes when the value is no longer usable.
      if (age > freshMs) look(key, entry, read).catch(() => {})
      return entry.value as Value
    },
    clear: () => entries.clear(),
  }
}
