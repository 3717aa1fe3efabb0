import { describe, expect, test } from 'vitest'
import { canonicalArguments } from './canonical-arguments.ts'

const canonical = (format: string, value: string): unknown =>
  canonicalArguments({ type: 'object', properties: { value: { type: 'string', format } } }, { value })['value']

describe('arguments in their one form', () => {
  test.each([
    ['email', ' Bob@HARBOUR.Example ', 'Bob@harbour.example'],
    ['email', 'bob@münchen.example', 'bob@xn--mnchen-3ya.example'],
    ['email', 'bob\u200B@harbour.example', 'bob@harbour.example'],
    ['email', 'ｂob@harbour.example', 'bob@harbour.example'],
    ['uri', 'HTTPS://Docs.Example:443/a/../b', 'https://docs.example/b'],
    ['uri', 'https://docs.example./x', 'https://docs.example/x'],
    ['uri', 'http://0x7f.1/', 'http://127.0.0.1/'],
    ['iban', 'gb29 nwbk 6016 1331 9268 19', 'GB29NWBK60161331926819'],
    ['path', 'notes//may/../june.md', 'notes/june.md'],
    ['path', './a', 'a'],
    ['amount', '1,200.50', '1200.5'],
    ['amount', '007', '7'],
    ['none', 'a\u{E0041}b\u202E', 'ab'],
  ])('%s %j is %j [B3.canonical-arguments]', (format, value, expected) => {
    expect(canonical(format, value)).toBe(expected)
  })

  test.each([
    ['email', 'bob@harbour.example, eve@evil.example'],
    ['email', 'Bob <bob@harbour.example>'],
    ['email', '"bob eve"@harbour.example'],
    ['email', 'bob@harbour.example@evil.example'],
    ['email', 'bob(comment)@harbour.example'],
    ['email', 'bob@localhost'],
    ['email', 'bob@[127.0.0.1]'],
    ['email', 'bob@harbour.example\nBcc: eve@evil.example'],
    ['uri', 'https://docs.example@evil.example/'],
    ['uri', 'https:\\\\evil.example'],
    ['uri', 'https://docs.example/\nHost: evil'],
    ['uri', '//evil.example'],
    ['iban', 'GB29NWBK60161331926818'],
    ['iban', 'NWBK60161331926819'],
    ['path', '../salaries.csv'],
    ['path', 'notes/../../salaries.csv'],
    ['path', 'notes/%2e%2e/salaries.csv'],
    ['path', 'notes\\..\\salaries.csv'],
    ['path', 'notes/may.md\0.png'],
    ['amount', '1e9'],
    ['amount', '-5'],
    ['amount', '1.000,50'],
    ['amount', '0x10'],
  ])('%s %j has none [B3.canonical-arguments]', (format, value) => {
    expect(() => canonical(format, value)).toThrow(expect.objectContaining({ code: 'invalid-tool-arguments' }))
  })

  test('values are found wherever the schema has them, and too deep a value is refused [B3.canonical-arguments]', () => {
    const list = { type: 'array', items: { type: 'object', properties: { to: { type: 'string', format: 'email' } } } }
    expect(canonicalArguments({ properties: { all: list } }, { all: [{ to: 'A@B.example' }], n: 1 })).toEqual({
      all: [{ to: 'A@b.example' }],
      n: 1,
    })
    let deep: unknown = 'x'
    for (let depth = 0; depth < 50; depth++) deep = { deep }
    expect(() => canonicalArguments({}, { deep })).toThrow('nested')
  })
})
