import { expect, test } from 'vitest'
import { retryAt } from './retry-after.ts'

test('a message is sent again after growing pauses, for three days, and then given up', () => {
  const now = new Date(0)
  const pauses: number[] = []
  for (let attempt = 1, at = retryAt(1, now, 0); at; at = retryAt(++attempt, now, 0)) pauses.push(at.getTime() / 1000)
  expect(pauses).toEqual(pauses.toSorted((one, other) => one - other))
  expect(pauses[0]).toBe(5)
  expect(pauses.reduce((sum, each) => sum + each, 0) / 86_400).toBeGreaterThan(3)
  expect(retryAt(1, now, 1)?.getTime()).toBe(5_500)
})
