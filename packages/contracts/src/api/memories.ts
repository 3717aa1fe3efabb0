import * as z from 'zod'
import { Label } from '../labels.ts'
import { Instant } from '../names.ts'
import { pageOf, PageQuery } from '../paging.ts'

/** Something that an agent has remembered. */
export const Memory = z.object({
  id: z.string(),
  store: z.string().describe('name of the MemoryStore'),
  key: z.string().nullable().describe('by which it replaces what was remembered before; null where it has none'),
  text: z.string(),
  label: Label.describe('of all that the model had seen when it remembered it'),
  modelMade: z.boolean().describe('whether it was worded by the model; what users and trusted tools have said is not'),
  person: z.string().describe('who had started the run, such as user:ada'),
  agent: z.string(),
  sessionId: z.string(),
  runId: z.string(),
  createdAt: Instant,
  updatedAt: Instant,
  expiresAt: Instant.nullable(),
})
export type Memory = z.infer<typeof Memory>

/** Filters of the list of memories, newest first. */
export const MemoryQuery = PageQuery.extend({
  store: z.string().max(63).optional(),
  person: z.string().max(200).optional().describe('as runs name who has requested them, such as user:ada'),
  agent: z.string().max(63).optional(),
})
export type MemoryQuery = z.input<typeof MemoryQuery>

/** One page of memories. */
export const MemoryPage = pageOf(Memory)
