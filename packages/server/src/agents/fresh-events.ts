import { EventEmitter } from 'node:events'
import type { SessionEvent } from '@causeway/contracts'

/** What this replica has just appended, for those who watch here: they need not read it from the database. */
export interface FreshEvents {
  /** Events of one session that follow each other, once they are in its log. */
  send(events: readonly SessionEvent[]): void
  /** @returns the end of the subscription */
  watch(sessionId: string, onEvents: (events: readonly SessionEvent[]) => void): () => void
}

export function createFreshEvents(): FreshEvents {
  const emitter = new EventEmitter().setMaxListeners(0)
  return {
    send(events) {
      const [first] = events
      if (first) emitter.emit(first.sessionId, events)
    },
    watch(sessionId, onEvents) {
      emitter.on(sessionId, onEvents)
      return () => void emitter.off(sessionId, onEvents)
    },
  }
}
