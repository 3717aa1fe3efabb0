import { type LiveFrame, type SessionEvent } from '@causeway/contracts'
import type { Connection, Scope } from '../database/index.ts'
import { eventChannel, statusChannel } from './event-log-store.ts'
import type { LiveFrames } from './live-frames.ts'
import type { Notifications } from './notifications.ts'
import { readEvents } from './session-store.ts'

/** How often the log is looked at, in case a notification was lost, in milliseconds. */
const pollMs = 5000
const pageSize = 200
/** Live frames that a slow reader may be behind; older ones are dropped, since they are never the truth. */
const framesAtMost = 1000

const stoppingEvents = ['run-ended', 'approval-requested', 'question-asked'] as const

export interface WatchDependencies {
  connection: Connection
  notifications: Notifications
  live: LiveFrames
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
  { connection, notifications, live }: WatchDependencies,
  scope: Scope,
  { sessionId, runId, stops = false, after, signal }: WatchOptions,
): AsyncGenerator<SessionEvent | LiveFrame> {
  let frames: LiveFrame[] = []
  let changed = true
  let wake: () => void = () => undefined
  const onChange = (): void => {
    changed = true
    wake()
  }
  const takeFrames = (upToStep: number): LiveFrame[] => {
    const taken = frames.filter(({ step }) => step <= upToStep)
    frames = frames.filter(({ step }) => step > upToStep)
    return taken
  }
  const ends = [
    runId && stops
      ? notifications.watch(statusChannel, runId, onChange)
      : notifications.watch(eventChannel, sessionId, onChange),
  ]
  if (runId && !stops)
    ends.push(
      live.watch(runId, frame => {
        frames = [...frames.slice(-framesAtMost), frame]
        wake()
      }),
    )
  const poll = setInterval(onChange, pollMs)
  signal.addEventListener('abort', onChange, { once: true })
  try {
    while (!signal.aborted) {
      if (changed) {
        changed = false
        const events = await readEvents(connection, scope, {
          sessionId,
          ...(runId && { runId }),
          ...(stops && { types: stoppingEvents }),
          after,
          limit: pageSize,
        })
        for (const event of events) {
          // What was seen of a step while the log was read comes before the event that ends the step.
          if (event.type === 'model-responded' || event.type === 'model-failed') yield* takeFrames(event.data.step)
          yield event
          after = event.sequence
          if (runId && event.type === 'run-ended') return
        }
        if (events.length === pageSize) changed = true
      }
      yield* takeFrames(Number.POSITIVE_INFINITY)
      if (!changed && frames.length === 0 && !signal.aborted) await new Promise<void>(resolve => (wake = resolve))
    }
  } finally {
    clearInterval(poll)
    signal.removeEventListener('abort', onChange)
    for (const end of ends) end()
  }
}
