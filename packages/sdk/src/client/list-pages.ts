import type { Page, PageQuery } from '@causeway/contracts'
import type { Http } from './create-http.ts'

/** Where a page begins and how long it is. */
export type Paging = { [Name in keyof PageQuery]?: PageQuery[Name] | undefined }

/** The filters of a list, without paging. */
export type FiltersOf<Query> = { [Name in Exclude<keyof Query, keyof Paging>]?: Query[Name] | undefined }

/** A list of the API. */
export interface Listing<Item, Filters> {
  /** One page; `nextCursor` of a page is the `cursor` of the next one. */
  list(query?: Filters & Paging): Promise<Page<Item>>
  /** All rows that fit, page by page. */
  all(query?: Filters & Paging): AsyncGenerator<Item>
}

/** The two ways to read a list. */
export function listing<Item, Filters extends object = object>(http: Http, path: string): Listing<Item, Filters> {
  const list = (query: Filters & Paging = {} as Filters): Promise<Page<Item>> => http.json<Page<Item>>(path, { query })
  return { list, all: query => allPages(list, query) }
}

async function* allPages<Item, Filters extends object>(
  list: (query: Filters & Paging) => Promise<Page<Item>>,
  query: Filters & Paging = {} as Filters,
): AsyncGenerator<Item> {
  for (let { cursor } = query; ;) {
    const page = await list({ limit: 200, ...query, ...(cursor !== undefined && { cursor }) })
    yield* page.data
    if (page.nextCursor === null) return
    cursor = page.nextCursor
  }
}
