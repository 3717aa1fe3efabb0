import type { SessionEvent } from '@causeway/contracts'

/** Something that took time in a run: a model call, a tool call, or the wait for a person. */
export interface Lane {
  kind: 'model' | 'tool' | 'wait'
  label: string
  /** The event of the log that tells of it. */
  sequence: number
  /** Milliseconds since the epoch. */
  start: number
  end: number
  /** Still under way. */
  open: boolean
  bad: boolean
}

/**
 * What took time, in the order in which it began.
 * @param now end of what is still under way, in milliseconds since the epoch
 */
export function lanesOf(events: readonly SessionEvent[], now: number, liveStep?: number): Lane[] {
  const open = new Map<string, Lane>()
  const lanes: Lane[] = []
  const begin = (key: string, event: SessionEvent, kind: Lane['kind'], label: string): void => {
    const at = Date.parse(event.at)
    const lane = { kind, label, sequence: event.sequence, start: at, end: Math.max(now, at), open: true, bad: false }
    open.set(key, lane)
    lanes.push(lane)
  }
  const close = (key: string, at: number, bad: boolean): void => {
    const lane = open.get(key)
    if (lane) Object.assign(lane, { end: at, open: false, bad })
    open.delete(key)
  }

  let before = 0
  for (const event of events) {
    const at = Date.parse(event.at)
    const model = (start: number, bad: boolean, step?: number): void =>
      void lanes.push({
        kind: 'model',
        label: step === undefined ? 'Model call' : `Model call ${step}`,
        sequence: event.sequence,
        start,
        end: at,
        open: false,
        bad,
      })
    if (event.type === 'model-responded') model(at - event.data.durationMs, false, event.data.step)
    if (event.type === 'model-called') model(at - event.data.durationMs, event.data.outcome === 'failed')
    if (event.type === 'model-failed') model(before || at, true, event.data.step)
    if (event.type === 'tool-called') begin(event.data.callId, event, 'tool', event.data.tool)
    if (event.type === 'tool-responded') close(event.data.callId, at, event.data.outcome !== 'completed')
    if (event.type === 'approval-requested')
      begin(event.data.approvalId, event, 'wait', `Approval of ${event.data.tool}`)
    if (event.type === 'approval-decided') close(event.data.approvalId, at, event.data.outcome !== 'approved')
    if (event.type === 'run-ended') for (const key of open.keys()) close(key, at, true)
    before = at
  }
  const last = events.at(-1)
  if (liveStep !== undefined && last)
    lanes.push({
      kind: 'model',
      label: `Model call ${liveStep}`,
      sequence: last.sequence,
      start: before,
      end: Math.max(now, before),
      open: true,
      bad: false,
    })
  return lanes.toSorted((one, other) => one.start - other.start)
}
