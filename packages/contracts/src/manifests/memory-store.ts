import * as z from 'zod'

/** Whose memories a run has: those of the person who has started it, those of its agent, or all of the store. */
export const MemoryScope = z.enum(['person', 'agent', 'environment'])
export type MemoryScope = z.infer<typeof MemoryScope>

/** What agents remember from one session to the next, by tools of type `memory`. */
export const MemoryStoreSpec = z.strictObject({
  scope: MemoryScope.default('person').describe(
    'whose memories a run has: those of the person who has started it, those of its agent, or all of the store',
  ),
  keepDays: z
    .number()
    .int()
    .min(1)
    .max(3650)
    .optional()
    .describe('days after which a memory that was not said again is gone; never where nothing is said'),
  entries: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(1000)
    .describe('memories of one person, agent or environment at the most; beyond that nothing more is remembered'),
})
export type MemoryStoreSpec = z.infer<typeof MemoryStoreSpec>
