import type { Page } from '@causeway/contracts'
import { InvalidArgumentError, type Command } from 'commander'
import { brief, print, printJson, table } from './output.ts'
import { visible } from './visible.ts'

/** Options of every list. */
export interface ListOptions {
  limit: number
  cursor?: string
  all?: true
}

/** A command with paging, such as `list`. */
export const listCommand = (parent: Command, description: string, name = 'list'): Command =>
  parent
    .command(name)
    .description(description)
    .option('--limit <rows>', 'rows a page', wholeNumber, 50)
    .option('--cursor <cursor>', 'where the page before ended')
    .option('--all', 'all pages')

interface Shown<Item> {
  json: boolean
  head: readonly string[]
  row: (item: Item) => readonly string[]
}

interface Listing<Item, Query> {
  list: (query: Query) => Promise<Page<Item>>
  all: (query: Query) => AsyncIterable<Item>
}

/** Shows a page of a list, or all of it: a table with a hint at the next page, or one JSON object a line. */
export async function showList<Item, Query extends object>(
  listing: Listing<Item, Query>,
  { all, ...query }: Query & { all?: true },
  shown: Shown<Item>,
): Promise<void> {
  const filters = query as unknown as Query
  if (!all) return showPage(await listing.list(filters), shown)
  const data: Item[] = []
  for await (const item of listing.all(filters))
    if (shown.json) printJson(item)
    else data.push(item)
  if (!shown.json) showPage({ data, nextCursor: null }, shown)
}

/** Shows one page. */
export function showPage<Item>({ data, nextCursor }: Page<Item>, { json, head, row }: Shown<Item>): void {
  if (json) {
    for (const item of data) printJson(item)
    return
  }
  if (data.length === 0) return print('Nothing here.')
  table(
    head,
    data.map(item => row(item).map(visible)),
  )
  if (nextCursor !== null) print(`more: --cursor ${nextCursor}`)
}

/** Shows one thing: its fields a line each, or JSON. */
export function showObject(value: object, json: boolean): void {
  if (json) return printJson(value)
  for (const [name, field] of Object.entries(value)) print(`${name.padEnd(14)}  ${brief(field, 2000)}`)
}

/** Reads an option. @throws InvalidArgumentError */
export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('expected a whole number from 1.')
  return Number(text)
}
