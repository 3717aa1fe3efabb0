import { expect, test } from 'vitest'
import { Manifest } from '@causeway/contracts'
import { checkGuardrailManifest, findPattern } from './pattern.ts'

const withPattern = (match: string): Manifest =>
  Manifest.parse({
    kind: 'Guardrail',
    name: 'own',
    spec: { patterns: [{ name: 'customer', match }], action: 'redact' },
  })

test.each(['C-[0-9', '(?<=x)y', String.raw`(a)\1`, 'x*'])(
  'a pattern that is no RE2, or that matches nothing at all, is refused when it is applied: %s [C6.redaction]',
  match => {
    expect(checkGuardrailManifest(withPattern(match))).toMatchObject([{ pointer: '/spec/patterns/0/match' }])
  },
)

test('a pattern is found wherever it stands, also one that is slow elsewhere [C6.redaction, C1.hostile-input]', () => {
  expect(checkGuardrailManifest(withPattern('C-[0-9]{6}'))).toEqual([])
  expect(findPattern('C-[0-9]{6}')('C-123456 and 😀C-654321')).toEqual([
    { from: 0, to: 8 },
    { from: 15, to: 23 },
  ])
  expect(findPattern('(a+)+b')('a'.repeat(20_000))).toEqual([])
})
