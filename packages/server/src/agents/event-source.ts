import type { EventPage, LiveFrame, SessionEvent } from '@causeway/contracts'
import type { Database, Scope } from '../database/index.ts'
import type { EventStream } from '../http/index.ts'
import { readEvents } from './session-store.ts'
import type { WatchOptions } from './watch-events.ts'

/** Where events are read from and followed. */
export interface EventSource {
  database: Database
  watch(scope: Scope, options: WatchOptions): AsyncGenerator<SessionEvent | LiveFrame>
}

type Log = Pick<WatchOptions, 'sessionId' | 'runId' | 'after'>

/** A page of the log. */
export async function eventPage(
  { database }: EventSource,
  scope: Scope,
  { limit, ...log }: Log & { limit: number },
): Promise<EventPage> {
  const data = await readEvents(database.kysely, scope, { ...log, limit })
  return { data, nextAfter: data.length === limit ? (data.at(-1)?.sequence ?? null) : null }
}

/** Sends events until the log ends or the reader leaves. Live frames carry no id, so that a resumed stream goes on from the last event. */
export async function streamEvents({ watch }: EventSource, stream: EventStream, scope: Scope, log: Log): Promise<void> {
  for await (const each of watch(scope, { ...log, signal: stream.signal })) {
    const id = 'sequence' in each ? String(each.sequence) : undefined
    await stream.send({ event: each.type, data: each, ...(id && { id }) })
  }
  stream.end()
}
