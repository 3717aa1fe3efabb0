import { expect, test } from 'vitest'
import { formatProblem, judgeDrafts, parseYaml, type ManifestName } from './index.ts'

/** All problems of a YAML text, as they are printed. */
function judge(text: string, existing: ManifestName[] = []): string[] {
  const { drafts, problems } = parseYaml(text, 'a.yaml')
  return [...problems, ...judgeDrafts(drafts, existing).problems].map(formatProblem)
}

/**
 * Judges a text in which `▸` stands before the one wrong place, and returns what is said of it.
 * A problem anywhere else, or more than one, fails.
 */
function saidOf(marked: string, existing: ManifestName[] = [{ kind: 'Route', name: 'default' }]): string {
  const before = marked.slice(0, marked.indexOf('▸')).split('\n')
  const place = `a.yaml:${before.length}:${(before.at(-1)?.length ?? 0) + 1} `
  const said = judge(marked.replace('▸', ''), existing)
  expect(said).toEqual([expect.stringContaining(place)])
  return said[0]?.slice(place.length) ?? ''
}

const agent = (rest: string): string =>
  `kind: Agent\nname: support\nspec:\n  instructions: Help.\n  model: default\n${rest}`

test('each wrong place of a manifest is named by line and column, with the nearest valid name [I2.exact-error-positions]', () => {
  expect(saidOf('kind: ▸Agnet\nname: a\nspec: {}')).toMatch(/got "Agnet" \(did you mean "Agent"\?\)$/)
  expect(saidOf(agent('  ▸tols: []'))).toMatch(/got "tols" \(did you mean "tools"\?\)$/)
  expect(saidOf(agent('  limits: { steps: 3, ▸tokns: 5 }'))).toMatch(/did you mean "tokens"\?\)$/)
  expect(saidOf(agent('  limits:\n    steps: ▸0'))).toBe('expected at least 1, got 0')
  expect(saidOf(agent('  temperature: ▸hot'))).toBe('expected a number, got text')
  expect(
    saidOf(agent('  tools:\n    - ok\n    - ▸Not Ok'), [
      { kind: 'Route', name: 'default' },
      { kind: 'Tool', name: 'ok' },
    ]),
  ).toMatch(/^expected lower-case words joined by hyphens/)
  expect(saidOf('kind: Agent\nname: a\nspec:\n  ▸instructions: Help.')).toBe(
    'expected the key "model" (text), got nothing',
  )
  expect(saidOf('# no kind\n▸name: a\nspec: {}')).toMatch(/^expected the key "kind"/)
  expect(saidOf('---\n▸- a\n- b')).toBe('expected a map, got a list')
  expect(saidOf('kind: Provider\nname: p\nspec: { type: anthropic, apiKey: ▸sk-123 }')).toBe(
    'expected a secret handle such as { secret: ORDERS_API_KEY } or a list, got text',
  )
})

test('rules between fields are checked at their places too [I2.exact-error-positions, H3.secrets-only-as-handles]', () => {
  const tool = (rest: string): string =>
    `kind: Tool\nname: t\nspec:\n  description: d\n  input: { type: object }\n${rest}`
  const http = '  implementation:\n    type: http\n    url: https://a.example/'
  expect(saidOf(tool(`  retries: ▸1\n${http}`))).toMatch(/^expected 0, got 1/)
  expect(saidOf(tool(`${http}\n    headers:\n      "x-api-key": ▸abc`))).toMatch(/^expected a secret handle/)
  expect(saidOf(tool(`${http.replace('https', '▸https')}{order}`))).toMatch(/\{order\} to be a required property/)
  const repeated = '  tools: [look-up, ▸look-up]'
  expect(
    saidOf(agent(repeated), [
      { kind: 'Route', name: 'default' },
      { kind: 'Tool', name: 'look-up' },
    ]),
  ).toMatch(/^expected each tool once/)
})

test('references are followed through the set and the environment [I2.exact-error-positions, F5.references-checked]', () => {
  const route = '---\nkind: Route\nname: default\nspec: { targets: [{ provider: openai, model: m }] }'
  expect(judge(agent('') + route, [{ kind: 'Provider', name: 'openai' }])).toEqual([])
  expect(saidOf(agent('') + route.replace('openai', '▸openai'), [])).toBe(
    'expected the name of a Provider, got "openai", which does not exist',
  )
  expect(saidOf(agent('').replace('default', '▸defualt'))).toMatch(/"defualt".*\(did you mean "default"\?\)$/)
  // A manifest that is wrong in itself is there all the same: it is not reported a second time as missing.
  expect(
    saidOf(
      agent('') +
        route
          .replace('targets', '▸tragets')
          .replace('[{ provider: openai, model: m }]', '1')
          .replace('{ ▸tragets', '{ targets: [{ provider: openai, model: m }], ▸tragets'),
      [{ kind: 'Provider', name: 'openai' }],
    ),
  ).toMatch(/did you mean "targets"/)
})

test('a name that is given twice is reported with both places [I2.exact-error-positions]', () => {
  expect(saidOf(`${agent('')}---\n${agent('').replace('support', '▸support')}`)).toBe(
    'expected Agent "support" once, got it again after a.yaml:2:7',
  )
})

test('broken YAML is reported where it breaks, and the other documents are still judged [I2.exact-error-positions]', () => {
  expect(saidOf('kind: Agent\nname: support\nspec:\n  model: "a"\n  instructions: ▸"Help.\n---\nkind: Rout')).toBe(
    'expected this quote to be closed, got the end of the file',
  )
  expect(judge(`kind: Agent\nname: a: b\n---\nkind: Rout\nname: r\nspec: {}`)).toEqual([
    expect.stringMatching(/^a\.yaml:2:7 nested mappings are not allowed/),
    expect.stringMatching(/^a\.yaml:4:7 .*did you mean "Route"/),
  ])
  const tooDeep = judge('kind: Agent\nname: support\nspec:\n  model: default\n   tools: [\n')
  expect(tooDeep[0]).toMatch(/^a\.yaml:4:10 /)
  expect(new Set(tooDeep.map(said => said.split(' ')[0])).size).toBe(tooDeep.length)
  expect(saidOf('kind: Policy\nname: a\n▸name: b\nspec: { cedar: x }')).toBe('expected each key once, got "name" again')
  expect(saidOf('kind: Agent\nname: ▸*nowhere\nspec: {}')).toMatch(/alias|anchor/i)
})

test('what would be read otherwise than it looks is refused', () => {
  const policy = (rest: string): string => `kind: Policy\nname: p\nspec: { cedar: x }\n${rest}`
  expect(saidOf(policy('▸<<: { description: y }'))).toMatch(/merge key/)
  expect(saidOf('▸%YAML 1.1\n---\nkind: Policy\nname: p\nspec: { cedar: x }')).toMatch(/expected YAML 1.2/)
  expect(saidOf('kind: Policy\nname: p\ndescription: ▸!!binary aGk=\nspec: { cedar: x }')).toMatch(/tag/i)
  expect(saidOf('kind: Policy\nname: p\n▸__proto__: { a: 1 }\nspec: { cedar: x }')).toMatch(/__proto__/)
  const rehearsal = (value: string): string =>
    `kind: Provider\nname: p\nspec:\n  type: rehearsal\n  conversations: []\n  otherwise: [{ toolCalls: [{ tool: t, arguments: { n: ${value} } }] }]`
  expect(saidOf(rehearsal('▸12345678901234567890'))).toMatch(/write it in quotes/)
  expect(saidOf(rehearsal('▸.nan'))).toMatch(/finite/)
  expect(judge(rehearsal('no'))).toEqual([])
  expect(judge('# only a comment\n---\n# and another\n')).toEqual([])
})

test('YAML that would cost too much is refused in good time', () => {
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]']
  for (const [index, key] of 'bcdefghi'.split('').entries()) {
    const alias = `*${'abcdefgh'.charAt(index)}`
    bomb.push(`${key}: &${key} [${Array.from({ length: 9 }, () => alias).join(',')}]`)
  }
  const begin = performance.now()
  expect(judge(bomb.join('\n'))).toEqual([expect.stringMatching(/^a\.yaml:1:1 expected aliases that expand/)])
  expect(judge(`a: &a "${'x'.repeat(50_000)}"\nb: [${'*a,'.repeat(60)}]`)).toEqual([
    expect.stringMatching(/^a\.yaml:1:1 expected at most 1 MB/),
  ])
  expect(saidOf('a: &a { b: ▸*a }')).toMatch(/outside of what it names/)
  expect(judge('['.repeat(200_000))).not.toEqual([])
  expect(judge(`kind: ${'{a: '.repeat(50_000)}`)).not.toEqual([])
  expect(judge('? '.repeat(500_000))).toEqual(['a.yaml:1:512 expected fewer levels of lists and maps'])
  expect(judge('---\nkind: 1\n'.repeat(2000))).toEqual([expect.stringMatching(/expected at most 1000 documents$/)])
  expect(judge(Array.from({ length: 50_000 }, (_, index) => `k${index}: 1`).join('\n'))).not.toEqual([])
  expect(performance.now() - begin).toBeLessThan(10_000)
})
