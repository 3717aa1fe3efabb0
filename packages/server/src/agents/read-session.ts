import type { SessionEvent } from '@causeway/contracts'
import type { Connection, Scope } from '../database/index.ts'
import { readEvents } from './session-store.ts'

const pageSize = 500
/** A session longer than this is not worked on: it would not fit a model either. */
const eventsAtMost = 50_000

/** All events of a session. @throws Error when the log is longer than what a run may hold in memory */
export async function readWholeSession(
  connection: Connection,
  scope: Scope,
  sessionId: string,
): Promise<SessionEvent[]> {
  const events: SessionEvent[] = []
  for (;;) {
    const page = await readEvents(connection, scope, {
      sessionId,
      after: events.at(-1)?.sequence ?? 0,
      limit: pageSize,
    })
    events.push(...page)
    if (page.length < pageSize) return events
    if (events.length > eventsAtMost) throw new Error(`the session ${sessionId} has more than ${eventsAtMost} events`)
  }
}
