import { expect, test } from 'vitest'
import { checkManifest } from './check-manifest.ts'
import { Manifest } from './manifest.ts'

const problemsOf = (spec: object): unknown => {
  const manifest = Manifest.parse({ kind: 'Guardrail', name: 'own', spec: { action: 'block', ...spec } })
  return checkManifest(manifest).map(({ pointer }) => pointer)
}
const person = { name: 'person', url: 'https://detectors.example.com', detectorId: 'person' }

test('a guardrail looks for something, names each once, and asks other servers only where it can', () => {
  expect(problemsOf({ external: [person] })).toEqual([])
  expect(problemsOf({})).toEqual(['/spec'])
  expect(problemsOf({ external: [person], at: ['input', 'output'] })).toEqual(['/spec/external'])
  expect(problemsOf({ external: [person, person] })).toEqual(['/spec/external/1/name'])
  expect(problemsOf({ external: [{ ...person, url: 'https://me:it@detectors.example.com' }] })).toEqual([
    '/spec/external/0/url',
  ])
  expect(problemsOf({ detectors: ['email'], patterns: [{ name: 'email', match: 'x' }] })).toEqual([
    '/spec/patterns/0/name',
  ])
})
