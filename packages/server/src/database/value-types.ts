import { TypeOverrides, types } from 'pg'

/** int8 as a number: ids are text here, so every int8 is a count, a size or an amount below 2^53. */
const parseCount = (value: string): number => {
  const count = Number(value)
  if (!Number.isSafeInteger(count)) throw new RangeError(`The integer ${value} is too large for a number`)
  return count
}

/** How values of PostgreSQL become values of JavaScript, for our connections only; the rest is as in `pg`. */
export function createValueTypes(): TypeOverrides {
  const overrides = new TypeOverrides()
  overrides.setTypeParser(types.builtins.INT8, parseCount)
  return overrides
}
