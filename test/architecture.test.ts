/** The dependency rules of the repository, checked on the import statements themselves. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'
import { isTest, sources, type Source } from './sources.ts'

interface Import {
  from: string
  to: string
}

/** The imports of a file, of types too; those of the project's own packages and files as paths. */
function importsOf({ file, text }: Source): Import[] {
  const statements =
    /^(?:import|export)\b[^'"]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)|\bnew URL\('(\.[^']+)'/gm
  return [...text.matchAll(statements)].map(([, named, bare, lazy, file_]) => {
    const specifier = named ?? bare ?? lazy ?? file_ ?? ''
    const to = specifier.startsWith('.')
      ? normalize(join(dirname(file), specifier))
      : specifier.replace(/^@causeway\//, 'packages/')
    return { from: file, to }
  })
}

const imports = sources.flatMap(importsOf)
const production = imports.filter(({ from }) => !isTest(from))
const show = ({ from, to }: Import): string => `${from} → ${to}`

test('imports of every form are seen', () => {
  const text = `import { one } from './one.ts'
import type { Two } from '../two/index.ts'
import {
  three,
} from '@causeway/sdk/testing'
import './four.ts'
export * from './five.ts'
const six = await import('./six.ts')
`
  expect(importsOf({ file: 'packages/server/src/a/b.ts', text }).map(({ to }) => to)).toEqual([
    'packages/server/src/a/one.ts',
    'packages/server/src/two/index.ts',
    'packages/sdk/testing',
    'packages/server/src/a/four.ts',
    'packages/server/src/a/five.ts',
    'packages/server/src/a/six.ts',
  ])
})

/** What each package may import of the others. */
const allowedOf: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  sdk: ['contracts'],
  cli: ['sdk', 'contracts'],
  console: ['contracts', 'sdk'],
  server: ['contracts'],
}

/** Imports of a package to one that it may not know. */
const forbidden = (of: string, among: readonly Import[]): string[] =>
  among
    .filter(({ from, to }) => from.startsWith(`packages/${of}/`) && to.startsWith('packages/'))
    .filter(({ to }) => ![of, ...(allowedOf[of] ?? [])].includes(to.split('/')[1] ?? ''))
    .map(show)

test.each(globSync('packages/*').map(folder => folder.slice('packages/'.length)))(
  'the package %s knows only the packages that it may',
  name => {
    expect(Object.keys(allowedOf)).toContain(name)
    expect(production.filter(({ from }) => from.startsWith(`packages/${name}/`)).length).toBeGreaterThan(5)
    expect(forbidden(name, production)).toEqual([])
  },
)

test('the package rule finds violations', () => {
  expect(forbidden('sdk', [{ from: 'packages/sdk/src/a.ts', to: 'packages/server' }])).toHaveLength(1)
  expect(forbidden('sdk', [{ from: 'packages/sdk/src/a.ts', to: 'packages/server/src/b.ts' }])).toHaveLength(1)
  expect(forbidden('server', [{ from: 'packages/server/src/a.ts', to: 'packages/sdk/testing' }])).toHaveLength(1)
  expect(forbidden('server', [{ from: 'packages/server/src/a.ts', to: 'packages/contracts' }])).toEqual([])
})

/** Imports of contracts to anything but itself and zod: it does no input or output. */
const impure = (among: readonly Import[]): string[] =>
  among
    .filter(({ from, to }) => from.startsWith('packages/contracts/') && !to.startsWith('packages/contracts/'))
    .filter(({ to }) => to !== 'zod')
    .map(show)

test('contracts import zod and nothing else', () => {
  expect(impure(production)).toEqual([])
  expect(impure([{ from: 'packages/contracts/src/a.ts', to: 'node:fs' }])).toHaveLength(1)
})

const domainOf = (file: string): string | undefined => /^packages\/server\/src\/([^/]+)\//.exec(file)?.[1]

const pastTheIndex = (among: readonly Import[]): string[] =>
  among
    .filter(({ from, to }) => domainOf(to) && domainOf(from) !== domainOf(to) && !to.endsWith('/index.ts'))
    .filter(({ from }) => from.startsWith('packages/server/src/') && !isTest(from))
    .map(show)

test('a domain of the server reaches another only through its index', () => {
  expect(imports.filter(({ from }) => domainOf(from)).length).toBeGreaterThan(100)
  expect(pastTheIndex(imports)).toEqual([])
  const wrong = { from: 'packages/server/src/tools/a.ts', to: 'packages/server/src/agents/b.ts' }
  expect(pastTheIndex([wrong])).toHaveLength(1)
})

const throughOwnIndex = (among: readonly Import[]): string[] =>
  among.filter(({ from, to }) => domainOf(from) && to === `packages/server/src/${domainOf(from)}/index.ts`).map(show)

test('an index is not used inside its own folder', () => {
  expect(throughOwnIndex(production)).toEqual([])
  const wrong = { from: 'packages/server/src/tools/a.ts', to: 'packages/server/src/tools/index.ts' }
  expect(throughOwnIndex([wrong])).toHaveLength(1)
})

/** Domains that need each other, types included, with the files through which they do. */
function circles(among: readonly Import[]): string[] {
  const edges = new Map<string, Map<string, Import>>()
  for (const each of among) {
    const [from, to] = [domainOf(each.from), domainOf(each.to)]
    if (!from || !to || from === to) continue
    edges.set(from, (edges.get(from) ?? new Map<string, Import>()).set(to, each))
  }
  const found = new Map<string, string>()
  const visit = (domain: string, path: readonly { domain: string; by: string }[]): void => {
    const start = path.findIndex(each => each.domain === domain)
    if (start >= 0) {
      const circle = path.slice(start)
      found.set(
        circle
          .map(each => each.domain)
          .toSorted()
          .join(),
        circle.map(({ by }) => by).join(', '),
      )
      return
    }
    for (const [next, each] of edges.get(domain) ?? []) visit(next, [...path, { domain, by: show(each) }])
  }
  for (const domain of edges.keys()) visit(domain, [])
  return [...found.values()]
}

test('domains of the server do not need each other in a circle', () => {
  expect(circles(production)).toEqual([])
  const to = (one: string, other: string): Import => ({
    from: `packages/server/src/${one}/a.ts`,
    to: `packages/server/src/${other}/index.ts`,
  })
  expect(circles([to('a', 'b'), to('b', 'c'), to('c', 'a'), to('c', 'd')])).toHaveLength(1)
  expect(circles([to('a', 'b'), to('b', 'c'), to('a', 'c')])).toEqual([])
})

/** Libraries of the server that have one place, so that they can be replaced there. */
const placeOf = {
  'the web framework': { library: /^(fastify|@fastify\/.*|fastify-type-provider-zod)$/, place: /\/http\/|routes\.ts$/ },
  'the database driver': { library: /^pg$/, place: /\/database\// },
  'the embedded database': { library: /^@electric-sql\//, place: /\/database\// },
  'the HTTP client': {
    library: /^undici$/,
    place:
      /\/models\/providers\/|\/tools\/http-tool\.ts$|\/egress\/(create-egress|kept-connections)\.ts$|\/secrets\/stores\/ask-json\.ts$/,
  },
  'the policy engine': { library: /^@cedar-policy\//, place: /\/policy\// },
  'the queue': { library: /^pg-boss$/, place: /\/jobs\// },
  'the price list': { library: /^@pydantic\//, place: /\/models\/prices\// },
  'the schema validator': { library: /^ajv/, place: /\/json-schema\// },
} as const

const server = sources.filter(({ file }) => file.startsWith('packages/server/src/') && !isTest(file))

const misplaced = (library: RegExp, place: RegExp, among: readonly Import[]): string[] =>
  among.filter(({ from, to }) => library.test(to) && !place.test(from)).map(show)

test.each(Object.entries(placeOf))('%s is used only where it belongs', (_name, { library, place }) => {
  const among = server.flatMap(importsOf)
  expect(among.some(({ to }) => library.test(to))).toBe(true)
  expect(misplaced(library, place, among)).toEqual([])
})

test('the place rule finds a violation', () => {
  const { library, place } = placeOf['the web framework']
  expect(misplaced(library, place, [{ from: 'packages/server/src/agents/a.ts', to: 'fastify' }])).toHaveLength(1)
  expect(misplaced(library, place, [{ from: 'packages/server/src/agents/routes.ts', to: 'fastify' }])).toEqual([])
})

/** Files that reach the network without the clients that have deadlines, limits and the check of the address. */
const aroundTheClients = (among: readonly Source[]): string[] =>
  among
    .filter(({ text }) =>
      /(?:await|return|=>|[=(,])\s*(?:globalThis\.)?fetch\(|^import (?!type )[^']*?\b(request|get)\b[^']*? from 'node:https?'/m.test(
        text,
      ),
    )
    .map(({ file }) => file)

test('nothing goes around the HTTP clients', () => {
  // The guard of what goes out has a `fetch` of its own, for libraries that want one.
  expect(aroundTheClients(server)).toEqual(['packages/server/src/egress/create-egress.ts'])
  expect(aroundTheClients([{ file: 'a.ts', text: 'await fetch(url)' }])).toHaveLength(1)
  expect(aroundTheClients([{ file: 'a.ts', text: "import { request } from 'node:http'" }])).toHaveLength(1)
})

/** Files with SQL: text, or a query of the builder. */
const withSql = (among: readonly Source[]): string[] =>
  among
    .filter(({ text }) => /\bsql(<[^`]*?>)?`|\.(selectFrom|insertInto|updateTable|deleteFrom|mergeInto)\(/.test(text))
    .map(({ file }) => file)

test('SQL stands in store files and in database/', () => {
  const mayHold = (file: string): boolean => /\/([\w-]+-)?store\.ts$|\/database\//.test(file)
  expect(withSql(server).filter(mayHold).length).toBeGreaterThan(5)
  expect(withSql(server).filter(file => !mayHold(file))).toEqual([])
  expect(withSql([{ file: 'a.ts', text: "database.kysely.selectFrom('runs')" }])).toHaveLength(1)
  expect(withSql([{ file: 'a.ts', text: 'sql<{ one: 1 }>`select 1`' }])).toHaveLength(1)
})

const readsEnvironment = (among: readonly Source[]): string[] =>
  among
    .filter(({ text }) => /\bprocess\.env\b|\bprocess\['env'\]|\{[^}]*\benv\b[^}]*\} = process\b/.test(text))
    .map(({ file }) => file)

test('the environment is read only in config/ and by the command line', () => {
  const mayRead = (file: string): boolean => /\/config\//.test(file) || file.startsWith('packages/cli/') || isTest(file)
  expect(readsEnvironment(sources).filter(mayRead).length).toBeGreaterThan(1)
  expect(readsEnvironment(sources).filter(file => !mayRead(file))).toEqual([])
  expect(readsEnvironment([{ file: 'a.ts', text: "process.env['HOME']" }])).toHaveLength(1)
})

const catchAll = /\/(utils?|types|common|shared|helpers?|core|misc)(\/|\.tsx?$)/

test('no file or folder is for everything', () => {
  expect(sources.map(({ file }) => file).filter(file => catchAll.test(file))).toEqual([])
  expect(catchAll.test('packages/server/src/tools/utils.ts')).toBe(true)
})

const tooLong = (among: readonly Source[]): string[] =>
  among
    .map(({ file, text }) => ({ file, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > 400)
    .map(({ file, lines }) => `${file}: ${lines} lines`)

test('no source file is longer than 400 lines', () => {
  const around = globSync('{packages/*/test,scripts,test,benchmarks,examples}/**/*.{ts,mjs}', {
    exclude: ['**/node_modules/**'],
  })
  const all = [...sources, ...around.map(file => ({ file, text: readFileSync(file, 'utf8') }))]
  expect(all.length).toBeGreaterThan(200)
  expect(tooLong(all)).toEqual([])
  expect(tooLong([{ file: 'a.ts', text: 'line\n'.repeat(401) }])).toEqual(['a.ts: 401 lines'])
})

/** The engine gives each object whose getter is a closure a shape of its own, which slows its readers down and lives until a full collection. */
const literalGetter = /^ {4,}get \w+\(/m

test('getters stand in classes only, not in objects that are made for each request', () => {
  const found = sources.filter(({ file, text }) => !isTest(file) && literalGetter.test(text))
  expect(found.map(({ file }) => file)).toEqual([])
  expect(literalGetter.test('  return {\n    get clean() {')).toBe(true)
  expect(literalGetter.test('class Seen {\n  get usage() {')).toBe(false)
})
