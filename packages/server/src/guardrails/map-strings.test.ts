import { assert, jsonValue, property } from 'fast-check'
import { expect, test } from 'vitest'
import { mapStrings } from './map-strings.ts'

test('a value without anything to replace is handed back itself, and a copy differs in nothing else [C6.redaction]', () => {
  assert(
    property(jsonValue(), given => {
      const value: unknown = JSON.parse(JSON.stringify(given))
      expect(mapStrings(value, text => text)).toBe(value)
      // No value that is made up for the test has the text.
      const secret = 'a secret of sixty characters, which a made-up value never has'
      const marked = mapStrings({ value, secret }, text => (text === secret ? '[secret]' : text))
      expect(marked).toEqual({ value, secret: '[secret]' })
    }),
  )
})

test('names, long numbers and nested JSON are texts too; bytes are none; what is nested too deep is refused [C6.redaction, C1.hostile-input]', () => {
  const replace = (text: string): string => text.replaceAll('4111111111111111', '[card]')
  const bytes = '4111111111111111'.repeat(20)
  expect(
    mapStrings(
      {
        '4111111111111111': 4111111111111111,
        n: 41,
        inner: '{"card":"4111111111111111"}',
        bytes,
        url: `data:image/png;base64,${bytes}`,
      },
      replace,
    ),
  ).toEqual({ '[card]': '[card]', n: 41, inner: '{"card":"[card]"}', bytes, url: `data:image/png;base64,${bytes}` })
  const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))
  expect(() => mapStrings(deep, replace)).toThrow('nested deeper')
})
