import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keptFresh } from './kept-fresh.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const counted = () => {
  let reads = 0
  return { read: async () => ++reads, reads: () => reads }
}

test('a value that was used lately is there at once, and is never older than it may be', async () => {
  const kept = keptFresh<number>({ freshMs: 200, usableMs: 500, limit: 10, warm: true })
  const { read, reads } = counted()
  expect(await kept.get('a', read)).toBe(1)
  await vi.advanceTimersByTimeAsync(9_000)
  const before = reads()
  expect(before).toBeGreaterThan(9_000 / 500)
  expect(before).toBeLessThan(9_000 / 200)
  // No promise: nobody waits.
  expect(kept.get('a', read)).toBe(before)
  await vi.advanceTimersByTimeAsync(31_000)
  const later = reads()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(reads()).toBe(later)
  expect(vi.getTimerCount()).toBe(0)
  expect(await kept.get('a', read)).toBe(later + 1)
})

test('what cannot be read is not looked at again unasked, nor are more keys than a few, nor any where that is not wanted', async () => {
  const kept = keptFresh<number>({ freshMs: 200, usableMs: 500, limit: 100, warm: true })
  let fails = 0
  let works = true
  const failing = async (): Promise<number> => {
    if (works) return 1
    fails++
    throw new Error('away')
  }
  expect(await kept.get('a', failing)).toBe(1)
  works = false
  await vi.advanceTimersByTimeAsync(5_000)
  expect(fails).toBe(1)
  await expect(kept.get('a', failing)).rejects.toThrow('away')

  const many = Array.from({ length: 20 }, counted)
  for (const [index, { read }] of many.entries()) await kept.get(`key ${index}`, read)
  await vi.advanceTimersByTimeAsync(5_000)
  expect(many.filter(({ reads }) => reads() > 1).length).toBeLessThanOrEqual(8)

  const plain = keptFresh<number>({ freshMs: 200, usableMs: 500, limit: 10 })
  const { read, reads } = counted()
  await plain.get('a', read)
  await vi.advanceTimersByTimeAsync(5_000)
  expect(reads()).toBe(1)
})
