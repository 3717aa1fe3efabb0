const valuesAtMost = 200

/** Lets the first values through and calls the rest `other`: each value of a label is a series for as long as the process lives. */
export function createBoundedLabel({ limit = valuesAtMost }: { limit?: number } = {}): (value: string) => string {
  const values = new Set<string>()
  return value => {
    if (values.has(value)) return value
    if (values.size >= limit) return 'other'
    values.add(value)
    return value
  }
}
