import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { formatProblem, loadManifests, placeProblems } from './index.ts'

/** A folder with files in it, removed at the end. */
async function folderWith(files: Record<string, string | Uint8Array>) {
  const root = await mkdtemp(join(tmpdir(), 'causeway-manifests-'))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), content)
  }
  const load = (...paths: string[]) => loadManifests({ paths, root })
  return {
    root,
    load,
    problems: async (...paths: string[]): Promise<string[]> => (await load(...paths)).problems.map(formatProblem),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  }
}

const policy = (name: string): string => `kind: Policy\nname: ${name}\nspec: { cedar: x }\n`
const object = (name: string): string => `{ kind: 'Policy', name: '${name}', spec: { cedar: 'x' } }`

test('folders are read in order, each file once, links followed and loops ended', async () => {
  await using folder = await folderWith({
    'b/z.yml': `${policy('one')}---\n${policy('two')}`,
    'b/a.yaml': policy('three'),
    'b/readme.md': '# no manifest',
    'b/node_modules/x.yaml': 'broken: [',
    'b/.hidden.yaml': 'broken: [',
    'outside.yaml': policy('four'),
  })
  await symlink('..', join(folder.root, 'b/loop'))
  await symlink('../outside.yaml', join(folder.root, 'b/link.yaml'))
  const { manifests, problems } = await folder.load('b', 'b/z.yml', 'outside.yaml')
  expect(problems).toEqual([])
  expect(manifests.map(({ manifest, source }) => [manifest.name, `${source.file}:${source.line}`])).toEqual([
    ['three', 'b/a.yaml:1'],
    ['four', 'b/link.yaml:1'],
    ['one', 'b/z.yml:1'],
    ['two', 'b/z.yml:5'],
  ])
})

test('what cannot be read is said of the file [I2.exact-error-positions]', async () => {
  await using folder = await folderWith({
    'large.yaml': `# ${'x'.repeat(1024 * 1024)}`,
    'latin.yaml': Buffer.from('kind: Policy\nname: "caf\u00e9"\n', 'latin1'),
    'mark.yaml': `\u{feff}kind: Polcy\n`,
    'notes.txt': 'x',
    'duplicate.yaml': policy('again'),
    'other.yaml': `\n${policy('again')}`,
  })
  await symlink('nowhere.yaml', join(folder.root, 'dangling.yaml'))
  expect(await folder.problems('.', 'missing', 'notes.txt')).toEqual([
    'dangling.yaml:1:1 expected a file or folder, got nothing at this path',
    'large.yaml:1:1 expected a file of at most 1 MB',
    'latin.yaml:2:11 expected UTF-8 text',
    expect.stringMatching(/^mark\.yaml:1:7 .*\(did you mean "Policy"\?\)$/),
    'missing:1:1 expected a file or folder, got nothing at this path',
    'notes.txt:1:1 expected a folder or a .yaml, .yml or .manifest.ts file',
    'other.yaml:3:7 expected Policy "again" once, got it again after duplicate.yaml:2:7',
  ])
})

test('at most 1000 files and 1000 manifests are loaded at once', async () => {
  const names = Array.from({ length: 1001 }, (_, index) => `p${index}`)
  await using folder = await folderWith({
    'one.yaml': names.map(policy).join('---\n'),
    ...Object.fromEntries(names.map(name => [`many/${name}.yaml`, '# nothing\n'])),
  })
  expect(await folder.problems('one.yaml')).toEqual([
    'one.yaml:1:1 expected at most 1000 manifests; load them in parts',
  ])
  expect(await folder.problems('many')).toEqual([expect.stringMatching(/expected at most 1000 files/)])
})

test('TypeScript modules are run for the manifests that they export, by themselves or in lists [I2.yaml-and-typescript]', async () => {
  await using folder = await folderWith({
    'a.manifest.ts': `import { two } from './b.manifest.ts'\nexport const limit: number = 3\nexport const one = ${object('one')}\nexport { two }\n`,
    'b.manifest.ts': `export const two = ${object('two')} as const\nexport const more = [\n  ${object('three')},\n  ${object('four')},\n]\n`,
    'c.yaml': policy('five'),
    'none.manifest.ts': 'export const other = 1\n',
    'not-a-manifest.ts': 'throw new Error("not to be run")',
  })
  const { manifests, problems } = await folder.load('.')
  expect(
    manifests.map(({ manifest, source }) => `${source.file}:${source.line}:${source.column} ${manifest.name}`),
  ).toEqual([
    'a.manifest.ts:3:14 one',
    expect.stringMatching(/ two$/),
    'b.manifest.ts:3:3 three',
    'b.manifest.ts:4:3 four',
    'c.yaml:1:1 five',
  ])
  expect(problems.map(formatProblem)).toEqual([
    'none.manifest.ts:1:1 expected an export that is a manifest or a list of manifests, got none',
  ])
})

test('a wrong place in a TypeScript manifest is found in its source [I2.yaml-and-typescript, I2.exact-error-positions]', async () => {
  const source = `
const agent = (definition: { name: string; [key: string]: unknown }) => {
  const { name, ...spec } = definition
  return { kind: 'Agent', name, spec }
}
// It's kind: 'Wrong', in a comment.
const headers = {
  'x-api-key': ▸'abc',
}
export const tool = {
  kind: 'Tool',
  name: 'look-up', // }
  spec: {
    description: "a } and a , in text",
    input: { type: 'object' },
    effect: ▸'raed',
    ▸"retires": 1,
    implementation: { type: 'worker' },
  },
}
export const http = {
  kind: 'Tool',
  name: 'http',
  spec: {
    description: \`in \${'a'} template {\`,
    input: { type: 'object' },
    implementation: { type: 'http', url: ▸'https://a.example/{id}', headers },
  },
}
export const clerk = agent({ name: 'clerk', instructions: 'Help.', model: ▸'nowhere', tools: ['look-up', ▸'lok-up'] })
export const computed = ▸agent(Object.assign({ name: 'computed' }, { model: 'm', instructions: '' }))
`
  await using folder = await folderWith({ 'a.manifest.ts': source.replaceAll('▸', '') })
  const expected = source.split('\n').flatMap((line, index) =>
    line
      .split('▸')
      .slice(0, -1)
      .map((_, mark, parts) => {
        const column = parts.slice(0, mark + 1).join('').length + 1
        return `a.manifest.ts:${index + 1}:${column}`
      }),
  )
  const problems = await folder.problems('a.manifest.ts')
  expect(problems.map(said => said.split(' ')[0])).toEqual(expected)
  expect(problems.join('\n')).toMatch(/did you mean "read"[^]*did you mean "retries"[^]*did you mean "look-up"/)
})

test('problems that the server finds get their places in the files [I2.exact-error-positions]', async () => {
  await using folder = await folderWith({ 'a.yaml': `${policy('one')}---\n${policy('two')}` })
  const { manifests } = await folder.load('a.yaml')
  const found = placeProblems(manifests, [
    { pointer: '/manifests/1/spec/cedar', message: 'unexpected token' },
    { pointer: '/prune', message: 'odd' },
  ])
  expect(found.map(formatProblem)).toEqual(['a.yaml:7:16 unexpected token', 'manifests:1:1 odd'])
  const [one] = placeProblems(manifests.slice(1), [{ pointer: '/manifest/spec/cedar', message: 'odd' }])
  expect(one && formatProblem(one)).toBe('a.yaml:7:16 odd')
})
