import { EventEmitter } from 'node:events'
import type { LiveFrame } from '@causeway/contracts'

/** What happens between two events and is never stored, for those who watch a run on this replica. */
export interface LiveFrames {
  send(frame: LiveFrame): void
  /** @returns the end of the subscription */
  watch(runId: string, onFrame: (frame: LiveFrame) => void): () => void
}

export function createLiveFrames(): LiveFrames {
  const emitter = new EventEmitter().setMaxListeners(0)
  return {
    send: frame => void emitter.emit(frame.runId, frame),
    watch(runId, onFrame) {
      emitter.on(runId, onFrame)
      return () => void emitter.off(runId, onFrame)
    },
  }
}
