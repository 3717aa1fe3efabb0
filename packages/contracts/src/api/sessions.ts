import * as z from 'zod'
import { SessionEvent } from '../events.ts'
import { Instant } from '../names.ts'
import { pageOf, PageQuery } from '../paging.ts'

/** A conversation with an agent. The version of the agent is fixed when the session starts. */
export const Session = z.object({
  id: z.string(),
  environment: z.string(),
  agent: z.string(),
  agentVersion: z.string(),
  lastSequence: z.number().int(),
  createdAt: Instant,
})
export type Session = z.infer<typeof Session>

/** Request to start a session. */
export const CreateSession = z.strictObject({ agent: z.string().min(1).max(63) })
export type CreateSession = z.infer<typeof CreateSession>

/** One page of sessions. */
export const SessionPage = pageOf(Session)

/** Which events to read: those after a sequence number. */
export const EventQuery = z.object({
  after: z.coerce.number().int().min(0).optional().describe('only events with a larger sequence number'),
  limit: PageQuery.shape.limit.default(200),
})
export type EventQuery = z.input<typeof EventQuery>

/** A part of the event log. `nextAfter` is null when there is no more for now. */
export const EventPage = z.object({ data: z.array(SessionEvent), nextAfter: z.number().int().nullable() })
export type EventPage = z.infer<typeof EventPage>
