import { existsSync, globSync, readFileSync } from 'node:fs'
import { Manifest } from '@causeway/contracts'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { pages } from '../scripts/reference.ts'

test.each(Object.entries(pages))(
  '%s is what npm run reference makes [I4.errors-reference, I4.events-reference]',
  async (path, make) => {
    expect(readFileSync(path, 'utf8')).toBe(await make())
  },
)

test('every dependency is explained in docs/dependencies.md [I4.dependencies-explained]', () => {
  const explained = readFileSync('docs/dependencies.md', 'utf8')
  const manifests = ['package.json', ...globSync('{packages,examples}/*/package.json')].map(
    file => JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, string>>,
  )
  const names = manifests.flatMap(({ dependencies = {}, devDependencies = {} }) =>
    Object.keys({ ...dependencies, ...devDependencies }),
  )
  expect(names.length).toBeGreaterThan(30)
  const missing = [...new Set(names)].filter(
    name => !name.startsWith('@causeway/') && !name.startsWith('@types/') && !explained.includes(`\`${name}\``),
  )
  expect(missing).toEqual([])
})

test('versions are exact, so that an install is the same everywhere', () => {
  const files = ['package.json', ...globSync('{packages,examples}/*/package.json')]
  const loose = files.flatMap(file => {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(file, 'utf8')) as Record<
      string,
      Record<string, string>
    >
    return Object.entries({ ...dependencies, ...devDependencies })
      .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
      .map(([name, version]) => `${file}: ${name} ${version}`)
  })
  expect(loose).toEqual([])
})

test('links between documents lead somewhere [I4.links]', () => {
  const broken = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...globSync('docs/**/*.md')].flatMap(file =>
    [...readFileSync(file, 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
      .map(([, target]) => new URL(target ?? '', `file:///${file}`).pathname.slice(1))
      .filter(target => !existsSync(target))
      .map(target => `${file} → ${target}`),
  )
  expect(broken).toEqual([])
})

const guides = ['README.md', ...globSync('docs/guides/*.md')]

test('manifests in the guides can be applied as they stand [I4.tool-authoring]', () => {
  const written = guides.flatMap(file =>
    [...readFileSync(file, 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)]
      .filter(([, block = '']) => /^kind:/m.test(block))
      .flatMap(([, block = '']) => parseAllDocuments(block).map(document => ({ file, manifest: document.toJS() }))),
  )
  const wrong = written.flatMap(({ file, manifest }) => {
    const { error } = Manifest.safeParse(manifest)
    return (error?.issues ?? []).map(({ path, message }) => `${file}: ${manifest.name} /${path.join('/')}: ${message}`)
  })
  expect(wrong).toEqual([])
  expect(written.length).toBeGreaterThan(20)
})

test('decisions are recorded in one form, numbered without a gap, and each says why and what follows [I4.decision-records]', () => {
  const files = globSync('docs/adr/*.md').toSorted()
  expect(files.map(file => Number(/(\d{4})-/.exec(file)?.[1]))).toEqual(files.map((_, place) => place + 1))
  const form =
    /^# \d{4}: .+\n\n\d{4}-\d{2}-\d{2}, (accepted|replaced by .+)\n\n## Why\n[\s\S]+\n## Decision\n[\s\S]+\n## What follows\n/
  expect(files.filter(file => !form.test(readFileSync(file, 'utf8')))).toEqual([])
})
