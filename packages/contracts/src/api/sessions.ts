import * as z from 'zod'
import { SessionEvent } from '../events.ts'
import { Instant } from '../names.ts'
import { pageOf, PageQuery } from '../paging.ts'

/** Why what was said in a session must not be erased. */
export const LegalHold = z.object({ reason: z.string(), by: z.string(), at: Instant })
export type LegalHold = z.infer<typeof LegalHold>

/** Request to keep a session from being erased. */
export const HoldSession = z.strictObject({
  reason: z.string().min(1).max(500).describe('such as the number of the matter'),
})
export type HoldSession = z.infer<typeof HoldSession>

/** A conversation with an agent. The version of the agent is fixed when the session starts. */
export const Session = z.object({
  id: z.string(),
  environment: z.string(),
  agent: z.string(),
  agentVersion: z.string(),
  lastSequence: z.number().int(),
  forkedFrom: z
    .object({ sessionId: z.string(), after: z.number().int() })
    .nullable()
    .describe('the session that it begins with, and how far'),
  createdAt: Instant,
  erasedAt: Instant.nullable().describe('when what was said in it was erased'),
  hold: LegalHold.nullable().describe('while there is one, nothing of it is erased'),
})
export type Session = z.infer<typeof Session>

/** Request to start a session. */
export const CreateSession = z.strictObject({ agent: z.string().min(1).max(63) })
export type CreateSession = z.infer<typeof CreateSession>

/** Request to go on from a place in a session, in a session of its own. */
export const ForkSession = z.strictObject({
  after: z.number().int().min(0).describe('sequence number of the last event that is kept'),
  agentVersion: z
    .string()
    .max(64)
    .optional()
    .describe('another version of the agent, or "active" for the one in force'),
})
export type ForkSession = z.infer<typeof ForkSession>

/** Request to erase what a person has said and was told. */
export const ErasePerson = z.strictObject({
  person: z.string().min(1).max(200).describe('as runs name who has requested them'),
})
export type ErasePerson = z.infer<typeof ErasePerson>

/** What was erased. */
export const Erasure = z.object({
  sessions: z.number().int(),
  runs: z.number().int(),
  events: z.number().int(),
  memories: z.number().int().describe('what agents had remembered of it'),
  left: z.number().int().describe('sessions that were left: a run of them has not ended, or they are under legal hold'),
  more: z.boolean().describe('whether there is more of it: send the request again'),
})
export type Erasure = z.infer<typeof Erasure>

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

/** A session that was brought in, with the ids that it and its runs have here. */
export const ImportedSession = z.object({
  sessionId: z.string(),
  from: z.string().describe('its id where it was exported'),
  events: z.number().int(),
  runs: z.array(z.object({ from: z.string(), id: z.string() })),
})
export type ImportedSession = z.infer<typeof ImportedSession>
