import { Manifest } from '@causeway/contracts'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { exportManifests, judgeDrafts, parseYaml, toYamlDocuments } from './index.ts'

/** Text as people and models write it, and such as YAML reads as something else. */
const text = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1 }),
    fc.string({ unit: 'binary', minLength: 1 }).filter(value => value.isWellFormed() && !value.includes('\0')),
    fc
      .array(
        fc.constantFrom(
          'no',
          ' ',
          '\n',
          '\t',
          '---',
          '...',
          '# a',
          ': ',
          '- ',
          '"',
          "'",
          '%',
          '<<',
          '*a',
          '&a',
          '!b',
          '\r\n',
          '\u{85}',
          '\u{2028}',
          '\u{feff}',
          '1e3',
          '0x1',
          '~',
          '{',
          'wörter',
        ),
        { minLength: 1, maxLength: 12 },
      )
      .map(parts => parts.join('')),
    fc.constantFrom('null', 'yes', 'true', '1', '1.0', '012', '-0', '.inf', '2026-01-01', '=', ''),
  )
  .filter(value => value.length > 0)

const json = fc.dictionary(
  text.filter(key => key !== '__proto__' && key !== '<<'),
  fc.oneof(
    text,
    fc.boolean(),
    fc.constant(null),
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map(value => (Number.isInteger(value) ? Math.trunc(value) % 2 ** 53 : value)),
    fc.array(text, { maxLength: 3 }),
    fc.dictionary(
      text.filter(key => key !== '__proto__' && key !== '<<'),
      text,
      { maxKeys: 3 },
    ),
  ),
  { maxKeys: 5 },
)
const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,8}){0,2}$/)

const manifests = fc.uniqueArray(
  fc.oneof(
    fc.record({ kind: fc.constant('Policy'), name, description: text, spec: fc.record({ cedar: text }) }),
    fc.record({
      kind: fc.constant('Agent'),
      name,
      spec: fc.record({ instructions: text, model: name, tools: fc.array(name, { maxLength: 3 }) }),
    }),
    fc.record({
      kind: fc.constant('Provider'),
      name,
      spec: fc.record({
        type: fc.constant('rehearsal'),
        conversations: fc.constant([]),
        otherwise: fc.array(
          fc.record({ text, toolCalls: fc.array(fc.record({ tool: text, arguments: json }), { maxLength: 2 }) }),
          {
            minLength: 1,
            maxLength: 3,
          },
        ),
      }),
    }),
  ),
  { selector: value => `${value.kind}/${value.name}`, maxLength: 5 },
)

/** The same data with the keys of every map in another order, as a database may return them. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, part]) => [key, reordered(part)]),
  )
}

test('what is exported loads back to the same content, and the same content gives the same text [I2.export]', () => {
  fc.assert(
    fc.property(manifests, inputs => {
      const wanted = inputs.map(input => Manifest.parse(input))
      const exported = exportManifests(wanted)
      expect(exportManifests(wanted.toReversed().map(manifest => reordered(manifest) as Manifest))).toBe(exported)
      const { drafts, problems } = parseYaml(exported, 'a.yaml')
      expect(problems).toEqual([])
      const title = (manifest: Manifest): string => `${manifest.kind}/${manifest.name}`
      const sorted = wanted.toSorted((one, other) => (title(one) < title(other) ? -1 : 1))
      expect(judgeDrafts(drafts).manifests.map(({ manifest }) => manifest)).toEqual(sorted)
    }),
    { numRuns: 500 },
  )
})

test('spaces that YAML could lose are exported in quotes', () => {
  for (const spaced of [' \n', '\n \n', ' \n,', 'a \n', '\t\n', ' a\nb', 'a\n ', '\n']) {
    const spec = { type: 'rehearsal' as const, conversations: [], otherwise: [{ text: spaced, toolCalls: [] }] }
    const [draft] = parseYaml(exportManifests([Manifest.parse({ kind: 'Provider', name: 'a', spec })]), 'a.yaml').drafts
    expect(draft?.value).toMatchObject({ spec: { otherwise: [{ text: spaced }] } })
  }
})

test('documents are ordered by kind and name, and read as a person would write them', () => {
  const policy = (cedar: string) => Manifest.parse({ kind: 'Policy', name: cedar.slice(0, 6), spec: { cedar } })
  expect(toYamlDocuments([policy('permit (\n  principal,\n);\n'), policy('forbid')])).toEqual([
    'kind: Policy\nname: forbid\nspec:\n  cedar: forbid\n',
    'kind: Policy\nname: permit\nspec:\n  cedar: |\n    permit (\n      principal,\n    );\n',
  ])
})
