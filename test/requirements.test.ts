import { expect, test } from 'vitest'
import { citedIn, readRequirements, unknownCitations } from '../scripts/requirements.ts'

test('every requirement that a test cites exists', () => {
  expect(unknownCitations()).toEqual([])
})

test('ids are read from the brackets of a title', () => {
  expect(citedIn('a revoked key is refused [H2.keys-revoked, H1.tenancy]')).toEqual(['H2.keys-revoked', 'H1.tenancy'])
  expect(readRequirements().map(({ id }) => id)).toContain('A4.resume-after-kill')
})
