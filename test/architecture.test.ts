/** The dependency rules of the repository, checked on the import statements themselves. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'

interface Import {
  from: string
  to: string
}

const sources = globSync('packages/*/src/**/*.{ts,tsx}').map(file => ({ file, text: readFileSync(file, 'utf8') }))

/** The imports of a file; those of the project's own packages and files as paths. */
function importsOf({ file, text }: { file: string; text: string }): Import[] {
  return [...text.matchAll(/^(?:import|export)\b[^'"]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm)].map(
    ([, named, bare, lazy]) => {
      const specifier = named ?? bare ?? lazy ?? ''
      return {
        from: file,
        to: specifier.startsWith('.')
          ? normalize(join(dirname(file), specifier))
          : specifier.replace(/^@causeway\//, 'packages/'),
      }
    },
  )
}

const imports = sources.flatMap(importsOf)
const isTest = (file: string): boolean => /\.test\.tsx?$|\/testing\//.test(file)
const production = imports.filter(({ from }) => !isTest(from))
const show = ({ from, to }: Import): string => `${from} → ${to}`

/** Imports of a package to one that it may not know. */
const forbidden = (of: string, allowed: readonly string[], among: readonly Import[] = production): string[] =>
  among
    .filter(
      ({ from, to }) =>
        from.startsWith(`packages/${of}/`) && to.startsWith('packages/') && !to.startsWith(`packages/${of}/`),
    )
    .filter(({ to }) => !allowed.some(each => to === `packages/${each}` || to.startsWith(`packages/${each}/`)))
    .map(show)

const allowedOf = {
  contracts: [],
  sdk: ['contracts'],
  cli: ['sdk', 'contracts'],
  console: ['contracts', 'sdk'],
  server: ['contracts'],
}

test.each(Object.entries(allowedOf))('the package %s knows only the packages that it may', (name, allowed) => {
  expect(forbidden(name, allowed)).toEqual([])
})

test('the package rule finds a violation', () => {
  expect(forbidden('sdk', ['contracts'], [{ from: 'packages/sdk/src/a.ts', to: 'packages/server' }])).toHaveLength(1)
})

test('contracts do no input or output', () => {
  const wrong = production.filter(
    ({ from, to }) => from.startsWith('packages/contracts/') && !to.startsWith('packages/contracts/') && to !== 'zod',
  )
  expect(wrong.map(show)).toEqual([])
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
  expect(
    pastTheIndex([{ from: 'packages/server/src/tools/a.ts', to: 'packages/server/src/agents/b.ts' }]),
  ).toHaveLength(1)
})

test('an index is not used inside its own folder', () => {
  const own = production.filter(
    ({ from, to }) => domainOf(from) && to === `packages/server/src/${domainOf(from)}/index.ts`,
  )
  expect(own.map(show)).toEqual([])
})

/** Domains whose values (not only types) another domain imports, followed round a circle. */
function circles(edges: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const found: string[] = []
  const visit = (domain: string, path: readonly string[]): void => {
    if (path.includes(domain)) return void found.push([...path.slice(path.indexOf(domain)), domain].join(' → '))
    for (const next of edges.get(domain) ?? []) visit(next, [...path, domain])
  }
  for (const domain of edges.keys()) visit(domain, [])
  return found
}

test('domains of the server do not need each other in a circle', () => {
  const edges = new Map<string, Set<string>>()
  for (const { file, text } of sources.filter(each => !isTest(each.file) && domainOf(each.file))) {
    const withoutTypes = text.replaceAll(/^import type [^;]*?from '[^']+'$/gm, '')
    for (const { to } of importsOf({ file, text: withoutTypes })) {
      const [from, other] = [domainOf(file), domainOf(to)]
      if (from && other && from !== other) edges.set(from, new Set([...(edges.get(from) ?? []), other]))
    }
  }
  expect(circles(edges)).toEqual([])
  expect(
    circles(
      new Map([
        ['a', new Set(['b'])],
        ['b', new Set(['a'])],
      ]),
    ),
  ).not.toEqual([])
})

const server = production.filter(({ from }) => from.startsWith('packages/server/src/'))

test.each([
  ['the web framework', /^(fastify|@fastify\/.*|fastify-type-provider-zod)$/, /\/http\/|routes\.ts$/],
  ['the database driver', /^pg$/, /\/database\//],
  ['the HTTP client', /^undici$/, /\/models\/providers\/|\/tools\/http-tool\.ts$/],
  ['the policy engine', /^@cedar-policy\//, /\/policy\//],
  ['the queue', /^pg-boss$/, /\/jobs\//],
] as const)('%s is used only where it belongs', (_name, specifier, place) => {
  const uses = server.filter(({ to }) => specifier.test(to))
  expect(uses.length).toBeGreaterThan(0)
  expect(uses.filter(({ from }) => !place.test(from)).map(show)).toEqual([])
})

test('SQL stands in store files and in database/', () => {
  const sql = sources.filter(
    ({ file, text }) =>
      file.startsWith('packages/server/src/') &&
      /\bsql(<[^`]*>)?`|\.(selectFrom|insertInto|updateTable|deleteFrom)\(/.test(text),
  )
  expect(sql.length).toBeGreaterThan(5)
  expect(sql.map(({ file }) => file).filter(file => !/-?store\.ts$|\/database\//.test(file) && !isTest(file))).toEqual(
    [],
  )
})

test('the environment is read only in config/', () => {
  const readers = sources.filter(
    ({ file, text }) => /process\.env\b/.test(text) && !isTest(file) && !file.startsWith('packages/cli/'),
  )
  expect(readers.map(({ file }) => file).filter(file => !file.includes('/config/'))).toEqual([])
})

/** Tables whose rows belong to an environment; a query over them is filtered, or says why it is not. */
const owned = [
  'active_manifests',
  'applied_manifests',
  'sessions',
  'runs',
  'events',
  'approvals',
  'effects',
  'ledger_entries',
  'idempotency_keys',
  'spans',
]

/** Queries over owned rows without a tenant filter. */
function unfiltered({ file, text }: { file: string; text: string }): string[] {
  return [...text.matchAll(/\.(selectFrom|updateTable|deleteFrom)\('(\w+)'\)/g)].flatMap(({ 2: table, index }) => {
    if (!owned.includes(table ?? '')) return []
    const start = text.lastIndexOf('\n\n', index)
    const end = text.indexOf('\n\n', index)
    const statement = text.slice(start, end < 0 ? undefined : end)
    return /inScope|across tenants:/.test(statement) ? [] : [`${file}: ${table}`]
  })
}

test('every query over rows of a tenant is filtered, or says why it is not [H1.tenancy]', () => {
  expect(sources.filter(({ file }) => file.endsWith('store.ts')).flatMap(unfiltered)).toEqual([])
  expect(
    unfiltered({ file: 'a-store.ts', text: "\n\nconnection.selectFrom('runs').selectAll().execute()\n\n" }),
  ).toHaveLength(1)
})

test('no source file is longer than 400 lines', () => {
  expect(sources.filter(({ text }) => text.split('\n').length > 400).map(({ file }) => file)).toEqual([])
})
