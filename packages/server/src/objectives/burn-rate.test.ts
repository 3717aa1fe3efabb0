import { expect, test } from 'vitest'
import { burnRate, burnRules, isBurning, thresholdOf } from './burn-rate.ts'

test('the thresholds are those of the workbook over thirty days, and no alert is made of less than the budget has room for [G4.slos]', () => {
  const thresholds = (target: number, windowDays: number) =>
    burnRules.map(rule => Math.round(thresholdOf(rule, target, windowDays) * 100) / 100)
  expect(thresholds(99.9, 30)).toEqual([14.4, 6, 1])
  expect(thresholds(99.9, 28)).toEqual([13.44, 5.6, 1])
  // What allows ten in a hundred can burn ten times as fast at the most.
  expect(thresholds(90, 30)).toEqual([8, 6, 1])
  expect(thresholds(50, 7)).toEqual([1.6, 1.4, 1])
})

test('a budget burns when too many were bad over the whole window and lately, and not for one or two that failed at night [G4.slos, G4.error-budgets]', () => {
  expect(burnRate({ good: 999, bad: 1 }, 99.9)).toBeCloseTo(1)
  expect(burnRate({ good: 0, bad: 0 }, 99.9)).toBe(0)
  expect(isBurning(20, 20, 14.4, { good: 100, bad: 3 })).toBe(true)
  expect(isBurning(20, 2, 14.4, { good: 100, bad: 3 })).toBe(false)
  expect(isBurning(2, 20, 14.4, { good: 100, bad: 3 })).toBe(false)
  expect(isBurning(500, 500, 14.4, { good: 0, bad: 2 })).toBe(false)
})
