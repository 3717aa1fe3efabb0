import { expect, test } from 'vitest'
import { ago, duration, usd } from './figures.ts'

test('times and amounts are written as people say them', () => {
  expect([0, 999.6, 59_949, 59_990, 119_600, 3_660_000, 604_800_000].map(duration)).toEqual([
    '0 ms',
    '1.0 s',
    '59.9 s',
    '1 min',
    '2 min',
    '1 h 1 min',
    '7 d',
  ])
  expect([0, 123_456, 10_000_000, 2_500_000_000].map(usd)).toEqual(['$0.00', '$0.000123', '$0.01', '$2.50'])
  const now = Date.parse('2026-11-26T12:00:00Z')
  expect(ago('2026-11-26T12:00:05Z', now)).toBe('now')
  expect(ago('2026-11-26T11:57:30Z', now)).toBe('2m ago')
  expect(ago('2026-11-25T11:00:00Z', now)).toBe('yesterday')
})
