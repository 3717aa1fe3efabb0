import { expect, test } from 'vitest'
import { citedIn, readRequirements, unknownCitations, unknownIn } from '../scripts/requirements.ts'

test('every requirement that a test cites exists', () => {
  expect(unknownCitations()).toEqual([])
})

test('ids are read from the brackets of a title', () => {
  expect(citedIn('a revoked key is refused [H2.keys-revoked, H1.tenancy]')).toEqual(['H2.keys-revoked', 'H1.tenancy'])
  expect(readRequirements().map(({ id }) => id)).toContain('A4.resume-after-kill')
})

test('an id that does not exist is named with the nearest one that does', () => {
  // The brackets are put together here, so that this file does not cite what it looks for.
  const cite = (ids: string): string => `a title [${ids}]`
  expect(unknownIn(cite('H2.key-revoked'))).toEqual([
    'H2.key-revoked is not in docs/requirements.yaml (nearest: H2.keys-revoked)',
  ])
  expect(unknownIn(cite('A1.create, H2.Keys-Revoked'))).toHaveLength(1)
  expect(unknownIn(cite('Z1.nothing-like-it'))).toHaveLength(1)
  expect(unknownIn(cite('H2'))).toHaveLength(1)
  expect(unknownIn(cite('A1.create, A1.stream'))).toEqual([])
})

test('every row of the mission has promises, and each promise is a sentence of its own', () => {
  const requirements = readRequirements()
  expect(new Set(requirements.map(({ source }) => source)).size).toBe(58)
  expect(new Set(requirements.map(({ text }) => text)).size).toBe(requirements.length)
})
