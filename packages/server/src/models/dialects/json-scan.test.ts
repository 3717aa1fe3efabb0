import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { scanObject } from './json-scan.ts'
import { splice } from './json-splice.ts'
import { leaveOut } from './leave-out.ts'

const wanted = new Set(['model', 'stream'])
const keys = fc.oneof(fc.constantFrom('model', 'stream', 'messages', '"model"', 'mo\\del'), fc.string())
const nested = fc.jsonValue({ maxDepth: 4 })
const object = fc.dictionary(keys, fc.oneof(nested, fc.record({ model: nested, stream: nested })))

/** JSON as other programs write it: with blanks and with any character escaped. */
const written = fc.tuple(object, fc.constantFrom(undefined, 1, '\t'), fc.boolean()).map(([value, indent, escaped]) => {
  const text = JSON.stringify(value, undefined, indent)
  // Escaping the letter d turns the key "model" into one that only a parser recognises.
  return escaped ? text.replaceAll('d', '\\u0064') : text
})

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

test('the scan finds the members that JSON.parse finds [C1.chat-completions-byte-faithful]', () => {
  fc.assert(
    fc.property(written, text => {
      const body = Buffer.from(text)
      const parsed: unknown = JSON.parse(text)
      if (!isRecord(parsed)) throw new Error('the arbitrary makes objects')
      const { members, empty } = scanObject(body, wanted)
      expect(empty).toBe(Object.keys(parsed).length === 0)
      const found = Object.fromEntries(
        members.map(({ key, start, end }) => [key, JSON.parse(body.toString('utf8', start, end))]),
      )
      expect(found).toEqual(Object.fromEntries(Object.entries(parsed).filter(([key]) => wanted.has(key))))
    }),
    { numRuns: 2000 },
  )
})

test('what is left out is gone, wherever it stands and however often, and every other member is as it was [C1.unknown-fields]', () => {
  const member = fc.tuple(fc.constantFrom('seed', 'user', 'model', 'other'), fc.jsonValue({ maxDepth: 2 }))
  const blank = fc.constantFrom('', ' ', '\n\t')
  fc.assert(
    fc.property(fc.array(member, { maxLength: 8 }), blank, (members, gap) => {
      const write = (some: typeof members): string =>
        `{${gap}${some.map(([key, value]) => `"${key}"${gap}:${gap}${JSON.stringify(value)}`).join(`${gap},${gap}`)}${gap}}`
      const kept = members.filter(([key]) => key !== 'seed' && key !== 'user')
      const { body, left } = leaveOut(Buffer.from(write(members)), ['seed', 'user', 'absent'])
      const scanned = scanObject(body, new Set(['seed', 'user', 'model', 'other']))
      expect(
        scanned.members.map(({ key, start, end }) => [key, JSON.parse(body.toString('utf8', start, end))]),
      ).toEqual(JSON.parse(JSON.stringify(kept)))
      expect(JSON.parse(body.toString())).toEqual(JSON.parse(write(kept)))
      expect(new Set(left)).toEqual(
        new Set(members.map(([key]) => key).filter(key => key === 'seed' || key === 'user')),
      )
      if (left.length === 0) expect(body.toString()).toBe(write(members))
    }),
    { numRuns: 2000 },
  )
})

/** The bytes without the values of `model`. */
const gaps = (bytes: Buffer): string => {
  const { members } = scanObject(bytes, new Set(['model']))
  return splice(
    bytes,
    members.map(({ start, end }) => ({ start, end, text: '' })),
  ).toString()
}

test('replacing the model changes that value and no other byte [C1.chat-completions-byte-faithful]', () => {
  fc.assert(
    fc.property(written, fc.string(), (text, model) => {
      const body = Buffer.from(text)
      const { members } = scanObject(body, new Set(['model']))
      const replaced = splice(
        body,
        members.map(({ start, end }) => ({ start, end, text: JSON.stringify(model) })),
      )
      const parsed: unknown = JSON.parse(text)
      const expected = isRecord(parsed) && Object.hasOwn(parsed, 'model') ? { ...parsed, model } : parsed
      expect(JSON.parse(replaced.toString())).toEqual(expected)
      // Taking the replacements out again leaves exactly the bytes that were there.
      expect(gaps(replaced)).toBe(gaps(body))
    }),
    { numRuns: 2000 },
  )
})

test('a key that occurs twice is found twice, numbers and duplicates keep their spelling', () => {
  const body = Buffer.from('{"model":"a", "seed":12345678901234567890, "model" : "b","x":1e400}')
  const { members } = scanObject(body, wanted)
  const replaced = splice(
    body,
    members.map(({ start, end }) => ({ start, end, text: '"c"' })),
  )
  expect(replaced.toString()).toBe('{"model":"c", "seed":12345678901234567890, "model" : "c","x":1e400}')
})

test.each([
  '',
  '[]',
  '"model"',
  '{',
  '{"model"}',
  '{"model":}',
  '{"model":"a"',
  '{"model":"a"} x',
  '{"model":"a\\"}',
  '{,}',
  '{"a":[}',
])('what is no JSON object is refused: %s', text => {
  expect(() => scanObject(Buffer.from(text), wanted)).toThrow('not a JSON object')
})

test('a body of backslashes and quotes is scanned in linear time', () => {
  const body = Buffer.from(`{"a":"${'\\\\'.repeat(2_000_000)}${'\\"'.repeat(2_000_000)}"}`)
  const startedAt = performance.now()
  scanObject(body, wanted)
  expect(performance.now() - startedAt).toBeLessThan(2000)
})
