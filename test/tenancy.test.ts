/** Every query over rows that belong to somebody is filtered by whom they belong to, or says why it is not. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isTest, sources, type Source } from './sources.ts'

/** Names of the tables whose row type in tables.ts matches. */
function tablesWith(declaration: RegExp): string[] {
  const text = readFileSync('packages/server/src/database/tables.ts', 'utf8')
  const tables = text.slice(text.indexOf('export interface Tables'))
  return [...tables.matchAll(/^ {2}(\w+): (.*(?:\n {4}.*)*)/gm)].flatMap(([, name = '', type = '']) =>
    declaration.test(type) ? [name] : [],
  )
}

/** Tables whose rows belong to an environment, and those whose rows belong to an organisation. */
const ofEnvironments = tablesWith(/^Owned\b/)
const ofOrganisations = tablesWith(/organisation_id: string/)

const inEnvironment = (statement: string): boolean =>
  /\.where\(inScope\(/.test(statement) ||
  (inOrganisation(statement) && /environment_id('?, '=',| = \$\{)/.test(statement))
const inOrganisation = (statement: string): boolean =>
  /\.where\(inScope\(/.test(statement) || /organisation_id('?, '=',| = \$\{)/.test(statement)

/** Queries of a file: chains of the query builder, each up to the next one or a blank line, and SQL as text. */
function queriesIn(text: string): { index: number; statement: string }[] {
  const chains = /\.(?:selectFrom|updateTable|deleteFrom)\('(?:(?!\.(?:selectFrom|updateTable|deleteFrom)\(|\n\n)[^])*/g
  const raw = /\bsql(?:<[^`]*?>)?`[^`]*`/g
  return [...text.matchAll(chains), ...text.matchAll(raw)].map(({ 0: statement, index }) => ({ index, statement }))
}

const tablesIn = (statement: string): string[] =>
  [...statement.matchAll(/(?:From|Table|Join)\('(\w+)(?: as \w+)?'|\b(?:from|join|update)\s+(\w+)/g)].map(
    ([, built, raw]) => built ?? raw ?? '',
  )

/** Queries without a filter that they need. The reason for one that needs none stands before it, after the last blank line. */
function unfiltered({ file, text }: Source): string[] {
  return queriesIn(text).flatMap(({ index, statement }) => {
    const tables = tablesIn(statement)
    const before = text.slice(text.lastIndexOf('\n\n', index), index)
    const filtered = tables.some(table => ofEnvironments.includes(table))
      ? inEnvironment(statement)
      : !tables.some(table => ofOrganisations.includes(table)) || inOrganisation(statement)
    return filtered || before.includes('across tenants: ') ? [] : [`${file}: ${tables.join(', ')}`]
  })
}

test('every query over rows of a tenant is filtered, or says why it is not [H1.tenancy, H1.organisations-apart]', () => {
  const stores = sources.filter(({ file }) => file.startsWith('packages/server/src/') && !isTest(file))
  expect(stores.flatMap(({ text }) => queriesIn(text)).length).toBeGreaterThan(40)
  expect(stores.flatMap(unfiltered)).toEqual([])
})

test('the tables that belong to somebody are read from their types', () => {
  expect(ofEnvironments).toEqual(expect.arrayContaining(['runs', 'events', 'applied_manifests', 'spans']))
  expect(ofOrganisations).toEqual(expect.arrayContaining(['api_keys', 'users', 'manifests', 'audit_log']))
})

test.each([
  ["connection.selectFrom('runs').selectAll().execute()", 1],
  ["connection.updateTable('runs').set({}).where('environment_id', '=', scope.environmentId)", 1],
  ["connection.deleteFrom('users').where('id', '=', id)", 1],
  ["connection.selectFrom('users').where('organisation_id', '=', id)", 0],
  ["connection.selectFrom('runs').where(inScope(scope))", 0],
  // A filter of one query does not cover the next.
  ["connection.selectFrom('runs').where(inScope(scope))\n  connection.selectFrom('runs').execute()", 1],
  ["connection.selectFrom('manifests').innerJoin('active_manifests', on).where('organisation_id', '=', id)", 1],
  ['sql`update runs set fence = 1 where id = ${id}`', 1],
  ['sql`select 1 from runs where organisation_id = ${one} and environment_id = ${other}`', 0],
  ["// inScope would be too narrow\n  connection.selectFrom('runs').execute()", 1],
  ["// across tenants: the run says whose it is\n  connection.selectFrom('runs').execute()", 0],
])('the rule judges %s', (text, violations) => {
  expect(unfiltered({ file: 'a-store.ts', text: `\n\n  ${text}\n\n` })).toHaveLength(violations)
})
