import * as z from 'zod'
import { Instant } from '../names.ts'
import { pageOf, PageQuery } from '../paging.ts'

/** What can be frozen: everything of the environment, or one thing in it. */
export const FreezeKind = z.enum(['environment', 'team', 'agent', 'tool', 'tool-server', 'route', 'provider'])
export type FreezeKind = z.infer<typeof FreezeKind>

/** Something that may not act until the freeze is lifted. */
export const Freeze = z.object({
  id: z.string(),
  kind: FreezeKind,
  name: z.string(),
  reason: z.string(),
  frozenBy: z.string(),
  frozenAt: Instant,
  liftedBy: z.string().nullable(),
  liftedAt: Instant.nullable(),
})
export type Freeze = z.infer<typeof Freeze>

/** Request to freeze something at once. It need not exist (yet). */
export const CreateFreeze = z.strictObject({
  kind: FreezeKind,
  name: z.string().min(1).max(63),
  reason: z.string().min(1).max(1000),
})
export type CreateFreeze = z.infer<typeof CreateFreeze>

/** Request to lift a freeze. */
export const LiftFreeze = z.strictObject({
  confirm: z.string().max(63).describe('the name of what is frozen, again'),
})
export type LiftFreeze = z.infer<typeof LiftFreeze>

/** Filters of the list of freezes, newest first. */
export const FreezeQuery = PageQuery.extend({
  inForce: z.stringbool().optional().describe('only those that are (true) or are not (false) in force'),
})
export type FreezeQuery = z.input<typeof FreezeQuery>

/** One page of freezes. */
export const FreezePage = pageOf(Freeze)
