import type { SessionEvent } from '@causeway/contracts'
import { expect, test } from 'vitest'
import { lanesOf } from './lanes.ts'
import { timeAxis } from './time-axis.ts'

const begin = Date.parse('2026-11-26T10:00:00.000Z')

/** An event of a log, so many milliseconds after the run began; only what the timeline reads. */
const event = (sequence: number, afterMs: number, type: SessionEvent['type'], data: object): SessionEvent =>
  ({
    sequence,
    type,
    data,
    runId: 'run_1',
    sessionId: 'session_1',
    at: new Date(begin + afterMs).toISOString(),
    schemaVersion: 1,
  }) as SessionEvent

const dayMs = 86_400_000
const log = [
  event(1, 0, 'run-created', {}),
  event(2, 1000, 'model-responded', { step: 1, durationMs: 900 }),
  event(3, 1000, 'approval-requested', { approvalId: 'a', callId: 'c', tool: 'pay' }),
  event(4, 1000 + dayMs, 'approval-decided', { approvalId: 'a', callId: 'c', tool: 'pay', outcome: 'approved' }),
  event(5, 1000 + dayMs, 'tool-called', { callId: 'c', tool: 'pay' }),
  event(6, 2000 + dayMs, 'tool-responded', { callId: 'c', tool: 'pay', outcome: 'unknown' }),
]

test('a call and its answer are one lane, an answer that is not known is bad, and what is under way ends now', () => {
  const lanes = lanesOf(log, 0)
  expect(
    lanes.map(({ kind, label, open, bad, start, end }) => [kind, label, open, bad, start - begin, end - begin]),
  ).toEqual([
    ['model', 'Model call 1', false, false, 100, 1000],
    ['wait', 'Approval of pay', false, false, 1000, 1000 + dayMs],
    ['tool', 'pay', false, true, 1000 + dayMs, 2000 + dayMs],
  ])
  const [, waiting] = lanesOf(log.slice(0, 3), begin + 5000)
  expect(waiting).toMatchObject({ open: true, end: begin + 5000 })
  expect(lanesOf(log.slice(0, 2), begin + 1500, 2).at(-1)).toMatchObject({ label: 'Model call 2', open: true })
})

test('a wait of a day is folded, so that two seconds of work are seen', () => {
  const end = begin + 2000 + dayMs
  const axis = timeAxis(lanesOf(log, 0), begin, end)
  expect(axis.place(begin)).toBe(0)
  expect(axis.place(end)).toBeCloseTo(100)
  expect(axis.place(begin + 1000)).toBeGreaterThan(35)
  expect(axis.place(begin + 1000 + dayMs)).toBeLessThan(65)
  expect(axis.folds).toHaveLength(1)
  expect(axis.folds[0]?.milliseconds).toBe(dayMs)
})

test('without a long wait the axis is proportional, and a log of one event has one too', () => {
  const axis = timeAxis(lanesOf(log.slice(0, 2), 0), begin, begin + 1000)
  expect(axis.folds).toEqual([])
  expect(axis.place(begin + 500)).toBeCloseTo(50)
  expect(timeAxis([], begin, begin).place(begin)).toBe(0)
})
