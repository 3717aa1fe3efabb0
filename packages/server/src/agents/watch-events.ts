import { type LiveFrame, type SessionEvent } from '@causeway/contracts'
import type { Connection, Scope } from '../database/index.ts'
import { eventChannel, statusChannel } from './event-log-store.ts'
import type { FreshEvents } from './fresh-events.ts'
import type { LiveFrames } from './live-frames.ts'
import type { Notifications } from './notifications.ts'
import { readEvents } from './session-store.ts'

/** How often the log is looked at, in case a notification was lost, in milliseconds. */
const pollMs = 5000
const pageSize = 200
/** A notification may be so much faster than what this replica says of its own appends, in milliseconds. */
const notifiedEarlyMs = 5
/** Live frames that a slow reader may be behind; older ones are dropped, since they are never the truth. */
const framesAtMost = 1000

const stoppingEvents = ['run-ended', 'approval-requested', 'question-asked'] as const

export interface WatchDependencies {
  connection: Connection
  notifications: Notifications
  live: LiveFrames
  fresh: FreshEvents
}

export interface WatchOptions {
  sessionId: string
  /** Only the events of this run, and its live frames; the stream ends with the run. */
  runId?: string
  /** Only the events with which the run stops working, for those who wait for it: they are not woken by every step. */
  stops?: boolean
  after: number
  signal: AbortSignal
}

/** The events of a session as they come, each once and in order, and between them the live frames of the run. */
export async function* watchEvents(
  { connection, notifications, live, fresh }: WatchDependencies,
  scope: Scope,
  { sessionId, runId, stops = false, after, signal }: WatchOptions,
): AsyncGenerator<SessionEvent | LiveFrame> {
  let frames: LiveFrame[] = []
  /** Events that were appended here and follow what was given. */
  let appended: SessionEvent[] = []
  /** What was appended here while the log was read, which may have been read along or not. */
  let early: SessionEvent[] | undefined
  /** The log is known up to here, what was appended here included. */
  let known = after
  /** The log goes at least so far, as somebody has told. */
  let latest = after
  let changed = true
  let wake: () => void = () => undefined
  const onChange = (): void => {
    changed = true
    wake()
  }
  let looking: NodeJS.Timeout | undefined
  const onNotified = (upTo?: number): void => {
    if (upTo === undefined) return onChange()
    if (upTo <= known) return
    // Somewhat later, since what was appended on this replica is told here a moment after the database has told it.
    looking ??= setTimeout(() => {
      looking = undefined
      if (latest > known) onChange()
    }, notifiedEarlyMs)
    latest = Math.max(latest, upTo)
  }
  const onAppended = (events: readonly SessionEvent[]): void => {
    const [first] = events
    if (early && early.length < pageSize) early.push(...events)
    // What does not follow is read from the log, along with what is missing.
    if (!first || changed || early || first.sequence !== known + 1 || appended.length >= pageSize) return
    known += events.length
    appended.push(...events.filter(event => runId === undefined || event.runId === runId))
    wake()
  }
  const takeFrames = (upToStep: number): LiveFrame[] => {
    const taken = frames.filter(({ step }) => step <= upToStep)
    frames = frames.filter(({ step }) => step > upToStep)
    return taken
  }
  const ends =
    runId && stops
      ? [notifications.watch(statusChannel, runId, onChange)]
      : [notifications.watch(eventChannel, sessionId, onNotified), fresh.watch(sessionId, onAppended)]
  if (runId && !stops)
    ends.push(
      live.watch(runId, frame => {
        frames = [...frames.slice(-framesAtMost), frame]
        wake()
      }),
    )
  const poll = setInterval(onChange, pollMs)
  signal.addEventListener('abort', onChange, { once: true })
  const take = async (): Promise<SessionEvent[]> => {
    const events = appended
    appended = []
    // What was appended here and has not been given yet would be read again.
    if (events.length > 0) return events
    changed = false
    early = []
    const read = await readEvents(connection, scope, {
      sessionId,
      ...(runId && { runId }),
      ...(stops && { types: stoppingEvents }),
      after,
      limit: pageSize,
    })
    const meanwhile = early
    early = undefined
    known = Math.max(known, read.at(-1)?.sequence ?? after)
    if (read.length === pageSize) changed = true
    else onAppended(followingOf(meanwhile, known))
    return read
  }
  try {
    while (!signal.aborted) {
      if (changed || appended.length > 0)
        for (const event of await take()) {
          if (event.sequence <= after) continue
          // What was seen of a step while the log was read comes before the event that ends the step.
          if (event.type === 'model-responded' || event.type === 'model-failed') yield* takeFrames(event.data.step)
          yield event
          after = event.sequence
          known = Math.max(known, after)
          if (runId && event.type === 'run-ended') return
        }
      yield* takeFrames(Number.POSITIVE_INFINITY)
      if (!changed && appended.length === 0 && frames.length === 0 && !signal.aborted)
        await new Promise<void>(resolve => (wake = resolve))
    }
  } finally {
    clearInterval(poll)
    clearTimeout(looking)
    signal.removeEventListener('abort', onChange)
    for (const end of ends) end()
  }
}

/** The events after a place in the log, as far as none is missing between them. */
function followingOf(events: readonly SessionEvent[], place: number): SessionEvent[] {
  const later = events.filter(({ sequence }) => sequence > place)
  return later.filter(({ sequence }, index) => sequence === place + 1 + index)
}
