import { hash } from 'node:crypto'

/** Statements that are kept prepared, at the most: each connection holds the plans of all of them. */
const namedAtMost = 200
/** Texts that are counted, at the most, before the count begins anew. */
const countedAtMost = 2_000
/** Seen so often a statement is worth a plan. */
const oftenEnough = 3

/** What such a statement answers changes with the table, and PostgreSQL refuses to run an old plan of it after that. */
const answersAllColumns = /(?:select|returning|,|\.)\s*\*/i

/**
 * Names for the statements that are sent again and again: a connection parses and plans a named one once, which costs more than
 * most of them take to run.
 * @returns the name of a statement, or undefined for one that is to be planned each time
 */
export function createPreparedNames(): (statement: string) => string | undefined {
  const names = new Map<string, string>()
  const seen = new Map<string, number>()
  return statement => {
    const known = names.get(statement)
    if (known !== undefined || names.size >= namedAtMost) return known
    const times = (seen.get(statement) ?? 0) + 1
    if (times < oftenEnough || answersAllColumns.test(statement)) {
      if (seen.size >= countedAtMost) seen.clear()
      seen.set(statement, times)
      return undefined
    }
    seen.delete(statement)
    const name = hash('sha256', statement).slice(0, 32)
    names.set(statement, name)
    return name
  }
}
