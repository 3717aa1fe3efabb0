import type { Session } from '@causeway/contracts'
import type { Connection, Scope } from '../database/index.ts'
import { listRuns } from './run-store.ts'
import { readEvents } from './session-store.ts'

const pageLength = 200

/** The lines of a file with all that is kept of a session: itself, its runs from the newest on, and its events in order. */
export async function* exportOf(connection: Connection, scope: Scope, session: Session): AsyncGenerator<string> {
  const sessionId = session.id
  yield line('session', session)
  for (let before: string | undefined; ;) {
    const runs = await listRuns(connection, scope, { sessionId }, { before, limit: pageLength })
    for (const run of runs) yield line('run', run)
    if (runs.length < pageLength) break
    before = runs.at(-1)?.id
  }
  for (let after = 0; ;) {
    const events = await readEvents(connection, scope, { sessionId, after, limit: pageLength })
    for (const event of events) yield line('event', event)
    if (events.length < pageLength) return
    after = events.at(-1)?.sequence ?? after
  }
}

const line = (kind: 'session' | 'run' | 'event', value: object): string => `${JSON.stringify({ kind, ...value })}\n`
