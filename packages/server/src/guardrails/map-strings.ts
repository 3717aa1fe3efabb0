import { CausewayError } from '@causeway/contracts'

/** Nothing that people or models write is nested as deep. */
const deepest = 200

/** What stands for bytes: it has no words, and changing it would break it. */
const isBinary = (text: string): boolean =>
  text.length >= 256 && (/^[\w+/=-]+$/.test(text) || /^data:[\w.+/-]{1,100};base64,/.test(text))

/** Numbers with fewer digits are no numbers of anybody. */
const longNumber = 1e8

/**
 * A copy of a value of JSON in which every text is replaced, also the names of members and long numbers, as the texts that
 * they are written as. The value itself where nothing changes.
 * @throws CausewayError invalid-request for a value that is nested too deep
 */
export function mapStrings<Value>(value: Value, replace: (text: string) => string): Value {
  // What is replaced by a text was a text or a number, which a reader of the copy must reckon with.
  return mapped(value, replace, 0) as Value
}

function mapped(value: unknown, replace: (text: string) => string, depth: number): unknown {
  if (depth > deepest) throw new CausewayError('invalid-request', `The body is nested deeper than ${deepest} levels.`)
  if (typeof value === 'string') return isBinary(value) ? value : replace(value)
  if (typeof value === 'number') return Math.abs(value) < longNumber ? value : numberOr(value, replace)
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => mapped(item, replace, depth + 1))
    return items.some((item, index) => item !== value[index]) ? items : value
  }
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value
  const before = Object.entries(value)
  const after = before.map(([name, member]) => [replace(name), mapped(member, replace, depth + 1)] as const)
  const same = after.every(([name, member], index) => name === before[index]?.[0] && member === before[index]?.[1])
  return same ? value : Object.fromEntries(after)
}

function numberOr(value: number, replace: (text: string) => string): number | string {
  const written = String(value)
  const replaced = replace(written)
  return replaced === written ? value : replaced
}
