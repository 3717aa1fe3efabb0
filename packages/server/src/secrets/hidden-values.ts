import { secretValues, redactedFrom } from './secret-values.ts'

/** Values that may stand in no log, no error and no event. */
export interface HiddenValues {
  add(value: string): void
  /** A text without them. */
  redact(text: string): string
}

/** Values that were replaced are forgotten when so many others have been used. */
const keptAtMost = 1000

/** The secrets of the environment, and those that are used. */
export function createHiddenValues(environment: Readonly<Record<string, string | undefined>>): HiddenValues {
  const known = new Set<string>()
  // The longest first: one value may be the beginning of another.
  let order: string[] = []
  const add = (value: string): void => {
    if (value.length < redactedFrom || known.has(value)) return
    known.add(value)
    const [oldest] = known
    if (known.size > keptAtMost && oldest !== undefined) known.delete(oldest)
    order = [...new Set([...known].flatMap(each => [each, JSON.stringify(each).slice(1, -1)]))].toSorted(
      (one, other) => other.length - one.length,
    )
  }
  for (const value of secretValues(environment)) add(value)
  return { add, redact: text => order.reduce((clean, value) => clean.replaceAll(value, '[secret]'), text) }
}
