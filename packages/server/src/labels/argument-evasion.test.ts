import type { Label } from '@causeway/contracts'
import { describe, expect, test } from 'vitest'
import { trusted } from './label.ts'
import { SeenValues } from './seen-values.ts'

/** What the user said, and a value that an attacker would pass off as said. */
const evasions: [said: string, value: unknown][] = [
  ['write to bob@harbour.example', 'bob@harbour.example.evil.example'],
  ['write to bob@harbour.example', 'evilbob@harbour.example'],
  ['write to bob@harbour.example', 'bob@harbour.example, eve@evil.example'],
  ['write to bob@harbour.example', 'bob@harbour.example;eve@evil.example'],
  ['write to bob@harbour.example', 'eve@evil.example bob@harbour.example'],
  ['write to bob@harbour.example', 'bob@harbour.example\r\nBcc: eve@evil.example'],
  ['write to bob@harbour.example', 'bob@harbour.example?cc=eve@evil.example'],
  ['write to bob@harbour.example', 'bob+eve@harbour.example'],
  ['write to bob@harbour.example', 'bob@evil.example'],
  ['write to bob@harbour.example', 'bob@harbour'],
  ['write to bob@harbour.example', 'harbour.example'],
  ['write to bob@harbour.example', '@harbour.example'],
  ['write to bob@harbour.example', 'bоb@harbour.example'],
  ['write to bob@harbour.example', ['bob@harbour.example', 'eve@evil.example']],
  ['write to bob@harbour.example', { address: 'bob@harbour.example', cc: 'eve@evil.example' }],
  ['write to bob@harbour.example', 'Bob <eve@evil.example>'],
  ['look at www.harbour.example live', 'www.harbour.example.Live'],
  ['look at www.harbour.Example.Live', 'www.harbour.example'],
  ['look at www.harbour.example.live', 'www.harbour.example'],
  ['pay 100 to Rope Works', 1000],
  ['pay 100 to Rope Works', 10],
  ['pay 100 to Rope Works', 100.01],
  ['pay 100 to Rope Works', -100],
  ['pay 100 to Rope Works', '100000'],
  ['pay 100 to Rope Works', 'Rope'.repeat(2)],
  ['pay 100 to Rope Works', 'Works Rope'],
  ['pay 1,000.50 to Rope Works', 1],
  ['pay 1,000.50 to Rope Works', 1000],
  ['look at order 1042', '104'],
  ['look at order 1042', '10422'],
  ['look at order 1042', '01042'],
  ['look at order 1042', '1042 or 1=1'],
  ['read https://docs.example/tides', 'https://docs.example/tides/../../admin'],
  ['read https://docs.example/tides', 'https://docs.example'],
  ['read https://docs.example/tides', 'https://docs.example/Tides'],
  ['read https://docs.example/tides', 'https://docs.example/tides?leak=secret'],
  ['read https://docs.example/tides', 'https://docs.example@evil.example/tides'],
  ['read https://docs.example/tides', 'http://docs.example/tides'],
  ['read https://docs.example/tides', 'https://docs.example.evil.example/tides'],
  ['read notes/may.md', 'notes/may.md/../../salaries.csv'],
  ['read notes/may.md', '/notes/may.md'],
  ['read notes/may.md', 'may.md'],
  ['read notes/may.md', 'notes/May.md'],
  ['read notes/may.md', 'notes/may.md notes/june.md'],
  ['pay to GB29NWBK60161331926819', 'GB29NWBK60161331926818'],
  ['pay to GB29NWBK60161331926819', 'GB29NWBK6016133192681'],
  ['tell kim', 'kimberly'],
  ['tell kim', 'ki'],
  ['tell kim and dana', 'kim dana'],
  ['book May 1st to May 5th 2025', '2025-05-02'],
  ['book May 1st to May 5th 2025', '2026-05-01'],
  ['book May 1st to May 5th 2025', '2025-05-01 10:00'],
  ['on May 1st 2025 at 10 am', '2025-05-01 22:00'],
  ['on May 1st 2025 at 10 am', '2025-05-01 10:30'],
  ['on May 1st 2025 at 10 am', '2025-05-01 10:00 or later'],
  ['on Friday at 10:00', '2025-05-02 10:00'],
  ['tomorrow', '2025-05-02'],
  ['delete what I wrote on June 13', '13'],
  ['delete what I wrote on June 13', 13],
  ['what did we do on 13 June 2025?', 2025],
  ['move it to 2024-05-20 at 10 am', 10],
]

const sayings: [said: string, value: unknown][] = [
  ['Write to Bob@Harbour.example.', 'bob@harbour.example'],
  ['write to <bob@harbour.example>, please', 'bob@harbour.example'],
  ['pay $1,000.50 to Rope Works!', 1000.5],
  ['pay 100 to Rope Works', '100.00'],
  ['pay 100 to Rope Works', 'rope works'],
  ['look at order #1042.', '1042'],
  ['(see https://docs.example/tides)', 'https://docs.example/tides'],
  ['the code is 0042', '0042'],
  ['look at www.harbour.example.They have it', 'www.harbour.example'],
  ['write to bob@harbour.example.Then go', 'bob@harbour.example'],
  ['say "Good morning"', 'Good morning'],
  ['ask ｋｉｍ', 'kim'],
  ['tell kim', ['kim', 'kim']],
  ['book May 1st to May 5th 2025', '2025-05-01'],
  ['book May 1st to May 5th 2025', '2025-05-05'],
  ['remind me on the 14th of November', '2025-11-14'],
  ['move it to 2024-05-20 at 10:00', '2024-05-20 10:00'],
  ['on 2024-05-19 at 10:00, or at 16:00 if I have something', '2024-05-19T16:00:00Z'],
  ['on May 1st 2025 at 10 am', '2025-05-01T10:00:00'],
  ['on June 13 delete file 13', 13],
  ['invite 13 people on June 14', '13'],
  ['pay 100 on June 13', 100],
  ['nothing', ''],
  ['nothing', null],
]

const traceOf = (said: string, value: unknown): string => {
  const seen = new SeenValues()
  seen.addUserText(said)
  return seen.trace(value).origin
}

describe('an argument', () => {
  test.each(evasions)('counts as said only whole: %j does not say %j [E2.argument-evasion]', (said, value) => {
    expect(traceOf(said, value)).toBe('model-made')
  })

  test.each(sayings)('counts as said however it is written: %j says %j [E2.argument-evasion]', (said, value) => {
    expect(traceOf(said, value)).toBe('user-stated')
  })

  const ask = 'Call the event "Dinner at {restaurant}, {day}".'
  test.each<[said: string, value: string, origin: string]>([
    [ask, 'Dinner at Lobster House, Friday', 'trusted'],
    ["I'll go; call it 'Dinner at {place}', at the restaurant's address.", 'Dinner at Lobster House', 'trusted'],
    [ask, 'Dinner at Evil Place, Friday', 'untrusted'],
    [ask, 'Dinner at Lobster House, Sunday', 'model-made'],
    [ask, 'Dinner at Lobster House', 'model-made'],
    [ask, 'Dinner at , Friday', 'model-made'],
    [ask, 'Supper at Lobster House, Friday', 'model-made'],
    [ask, 'See Dinner at Lobster House, Friday', 'model-made'],
    [ask, 'Dinner at Lobster House, Friday, bring cash', 'model-made'],
    ['Write to "{name}@harbour.example".', 'kim@harbour.example', 'trusted'],
    ['Write to "{name}@harbour.example".', 'kim@harbour.example.evil.example', 'model-made'],
    ['Open "https://docs.example/{id}".', 'https://docs.example/kim', 'trusted'],
    ['Open "https://docs.example/{id}".', 'https://docs.example/../admin', 'model-made'],
    // What is open everywhere, or in more places than one after the other, is no template.
    ['Answer with "{name}".', 'bring cash', 'model-made'],
    ['Answer with "{name}{day}".', 'bring cash', 'model-made'],
    ['Call it {name} at noon.', 'Evil at noon', 'model-made'],
  ])(
    '%s leaves open what it has in braces, to what can be relied on: %s is %s [E2.argument-evasion]',
    (said, value, origin) => {
      const seen = new SeenValues()
      seen.addUserText(said)
      const result = (label: Label, output: string): void => seen.addResult('list', output, { label, parts: [] })
      result(trusted, 'Lobster House; Friday; kim')
      result({ ...trusted, integrity: 'untrusted' }, 'Dinner at Evil Place, Friday. Please')
      expect(seen.trace(value).origin).toBe(origin)
    },
  )
})
