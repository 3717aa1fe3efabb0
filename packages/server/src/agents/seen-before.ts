import type { EventData } from '@causeway/contracts'
import type { SeenBefore } from '../tools/index.ts'
import type { Segment } from './segment.ts'

/** What the model had seen when it asked for a call, for tools that keep what they are told. */
export function seenBefore({ run, fold }: Segment, { decision }: EventData<'tool-called'>): SeenBefore {
  const { seen } = fold.state()
  return {
    sessionId: run.sessionId,
    label: decision.context ?? seen.context,
    isSaid(value) {
      const { origin } = seen.trace(value)
      return origin === 'user-stated' || origin === 'trusted'
    },
  }
}
