import { CausewayError, type Page } from '@causeway/contracts'

/** An opaque cursor from the sort key of the last row of a page. */
export const encodeCursor = (key: string): string => Buffer.from(`1:${key}`).toString('base64url')

/** The sort key in a cursor. @throws CausewayError invalid-cursor */
export function decodeCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8')
  if (!text.startsWith('1:') || encodeCursor(text.slice(2)) !== cursor)
    throw new CausewayError('invalid-cursor', `"${cursor.slice(0, 40)}" is not a cursor of this list.`)
  return text.slice(2)
}

/**
 * A page from rows that were read with one more than the limit, to see whether there is a next one.
 * @param keyOf what the list is sorted by; the id, if not given
 */
export function pageFrom<Row extends object>(
  rows: Row[],
  limit: number,
  encode: (key: string) => string,
  keyOf: (row: Row) => string = idOf,
): Page<Row> {
  const data = rows.slice(0, limit)
  const last = data.at(-1)
  return { data, nextCursor: rows.length > limit && last !== undefined ? encode(keyOf(last)) : null }
}

function idOf(row: object): string {
  if (!('id' in row)) throw new Error('the rows of this page have no id: say what they are sorted by')
  return String(row.id)
}
