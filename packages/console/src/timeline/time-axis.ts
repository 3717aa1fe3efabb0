import type { Lane } from './lanes.ts'

/** A stretch of waiting that is drawn shorter than it was; places in percent of the width. */
export interface Fold {
  left: number
  width: number
  milliseconds: number
}

/** Where instants stand on one axis from 0 to 100 percent. */
export interface TimeAxis {
  place(instant: number): number
  folds: readonly Fold[]
}

interface Stretch {
  start: number
  end: number
}

// A pause that is longer than this share of the work would press the work together until nothing is seen of it.
const longShare = 0.5
const drawnShare = 0.18
const longAtLeastMs = 2000

/** The common axis of all lanes. Long stretches in which nothing worked are folded. */
export function timeAxis(lanes: readonly Lane[], begin: number, end: number): TimeAxis {
  const pauses = pausesIn(lanes, begin, end)
  const worked = Math.max(1, end - begin - pauses.reduce((sum, pause) => sum + pause.end - pause.start, 0))
  const long = pauses.filter(pause => pause.end - pause.start > Math.max(longAtLeastMs, worked * longShare))
  const drawn = worked * drawnShare
  const lengthUntil = (instant: number): number =>
    long.reduce((sum, pause) => {
      const inside = Math.min(instant, pause.end) - pause.start
      return inside <= 0 ? sum : sum - inside + (inside / (pause.end - pause.start)) * drawn
    }, instant - begin)
  const whole = Math.max(1, lengthUntil(end))
  const place = (instant: number): number => (lengthUntil(Math.min(end, Math.max(begin, instant))) / whole) * 100
  return {
    place,
    folds: long.map(pause => ({
      left: place(pause.start),
      width: place(pause.end) - place(pause.start),
      milliseconds: pause.end - pause.start,
    })),
  }
}

/** Where no model and no tool worked. */
function pausesIn(lanes: readonly Lane[], begin: number, end: number): Stretch[] {
  const pauses: Stretch[] = []
  let until = begin
  for (const lane of lanes.filter(({ kind }) => kind !== 'wait').toSorted((one, other) => one.start - other.start)) {
    if (lane.start > until) pauses.push({ start: until, end: Math.min(lane.start, end) })
    until = Math.max(until, lane.end)
  }
  if (until < end) pauses.push({ start: until, end })
  return pauses
}
