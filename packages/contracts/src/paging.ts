import * as z from 'zod'

/** Query of every list: an opaque cursor and a page size. */
export const PageQuery = z.object({
  cursor: z.string().max(500).optional().describe('nextCursor of the previous page'),
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('rows a page'),
})
export type PageQuery = z.infer<typeof PageQuery>

/** One page of a list; `nextCursor` is null on the last page. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ data: z.array(item), nextCursor: z.string().nullable() })

/** One page of a list; `nextCursor` is null on the last page. */
export interface Page<Item> {
  data: Item[]
  nextCursor: string | null
}
