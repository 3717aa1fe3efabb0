import { existsSync, globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { pages } from '../scripts/reference.ts'

test.each(Object.entries(pages))(
  '%s is what npm run reference makes [I4.errors-reference, I4.events-reference]',
  (path, make) => {
    expect(readFileSync(path, 'utf8')).toBe(make())
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
