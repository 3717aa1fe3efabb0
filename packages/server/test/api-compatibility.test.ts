import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { breaksOf, readSurface, surfaceOf, writeSurface, type OpenApi } from '../../../scripts/api-surface.ts'
import { anyKind } from '../src/database/testing/index.ts'
import { startTestPlatform } from '../src/testing/start-test-platform.ts'

const released = join(import.meta.dirname, '../../../docs/reference/api-0.1.txt')

test('what callers of the last release rely on is still there [I1.stable-interfaces, I3.compatible-api]', async () => {
  await using causeway = await startTestPlatform({ kind: anyKind })
  const document = (await (await fetch(`${causeway.url}/openapi.json`)).json()) as OpenApi
  const now = surfaceOf(document)
  expect(now.length).toBeGreaterThan(1_000)
  expect(readSurface(writeSurface(now))).toEqual(now)
  expect(breaksOf(readSurface(readFileSync(released, 'utf8')), now)).toEqual([])
})

const before = readSurface(
  [
    'POST /v1/things:  !',
    'POST /v1/things < body: object !',
    'POST /v1/things < body.kind: "one" | "two" !',
    'POST /v1/things < body.note: string',
    'POST /v1/things > 200: object !',
    'POST /v1/things > 200.id: string !',
    '',
  ].join('\n'),
)

test.each([
  ['a field of an answer that is gone', '> 200.id', undefined, 'POST /v1/things > 200.id is gone'],
  [
    'one that may be missing',
    '> 200.id',
    'POST /v1/things > 200.id: string',
    'POST /v1/things > 200.id may be missing',
  ],
  [
    'a value that is refused',
    '< body.kind',
    'POST /v1/things < body.kind: "one" !',
    'POST /v1/things < body.kind does not take "two" any more',
  ],
  [
    'a field that is needed now',
    '< body.note',
    'POST /v1/things < body.note: string !',
    'POST /v1/things < body.note is needed now',
  ],
  [
    'a new field that is needed',
    'nothing',
    'POST /v1/things < body.more: string !',
    'POST /v1/things < body.more is needed now',
  ],
])('%s is found [I3.compatible-api]', (_what, gone, line, problem) => {
  const after = before.filter(({ place }) => !place.endsWith(gone))
  expect(breaksOf(before, [...after, ...(line === undefined ? [] : readSurface(line))])).toEqual([problem])
})

test('what is new and need not be sent breaks nothing', () => {
  const more = readSurface(
    'POST /v1/things < body.more: string\nPOST /v1/things > 200.more: string !\nGET /v1/things:  !\nGET /v1/things < query.q: string !\n',
  )
  const wider = before.map(each => (each.place.endsWith('body.kind') ? { ...each, kinds: ['string'] } : each))
  expect(breaksOf(before, [...wider, ...more])).toEqual([])
})
