/** `npm run requirements`: which promises have a passing test that cites them, from the last `npm test`. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nearestName } from '@causeway/sdk/manifests'
import { parse } from 'yaml'
import * as z from 'zod'
import { root } from './run-command.ts'
import { readReport, type TestReport } from './test-report.ts'

/** A promise, with its row in the mission. */
export interface Requirement {
  id: string
  source: string
  text: string
}

const Manifest = z.record(z.string().regex(/^[A-I]\d$/), z.record(z.string(), z.string()))

/** All promises, as docs/requirements.yaml has them. */
export function readRequirements(): Requirement[] {
  const rows = Manifest.parse(parse(readFileSync(join(root, 'docs/requirements.yaml'), 'utf8')))
  return Object.entries(rows).flatMap(([row, parts]) =>
    Object.entries(parts).map(([part, text]) => ({ id: `${row}.${part}`, source: `MISSION ${row}`, text })),
  )
}

/** Ids that a test's title cites in square brackets, also those that are written wrong, so that they are found. */
export const citedIn = (title: string): string[] =>
  [...title.matchAll(/\[([A-Z]\d+(?:\.[^\]\n]*)?)\]/g)].flatMap(([, ids]) => (ids ?? '').split(/,\s*/))

/** Ids in a text that do not exist, with the nearest one that does. */
export function unknownIn(text: string): string[] {
  const known = readRequirements().map(({ id }) => id)
  return citedIn(text)
    .filter(id => !known.includes(id))
    .map(id => `${id} is not in docs/requirements.yaml (nearest: ${nearestName(id, known) ?? 'none'})`)
}

/** Ids that tests cite and that do not exist, with the place. */
export function unknownCitations(): string[] {
  const files = globSync('{packages,test,examples,scripts,benchmarks}/**/*.test.{ts,tsx}', {
    cwd: root,
    exclude: ['**/node_modules/**'],
  })
  return files.flatMap(file => unknownIn(readFileSync(join(root, file), 'utf8')).map(problem => `${file}: ${problem}`))
}

export interface CoveredRequirement extends Requirement {
  /** Proven by at least one passing test that cites it, and by none that fails. */
  state: 'proven' | 'open'
  /** Titles of the passing tests that cite it. */
  tests: string[]
}

/** Which promises a run of the tests has proven. */
export function coverage(report: TestReport): CoveredRequirement[] {
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults)
  const citing = Map.groupBy(
    tests.flatMap(({ fullName, status }) => citedIn(fullName).map(id => ({ id, fullName, status }))),
    ({ id }) => id,
  )
  return readRequirements().map(requirement => {
    const cited = citing.get(requirement.id) ?? []
    const passed = cited.filter(({ status }) => status === 'passed').map(({ fullName }) => fullName)
    const proven = passed.length > 0 && cited.every(({ status }) => status !== 'failed')
    return { ...requirement, state: proven ? 'proven' : 'open', tests: passed }
  })
}

/** One sentence about the whole. */
export const coverageLine = (rows: readonly CoveredRequirement[]): string =>
  `${rows.filter(({ state }) => state === 'proven').length} of ${rows.length} promises are proven by a passing test`

function main(json: boolean): string {
  const unknown = unknownCitations()
  if (unknown.length > 0) throw new Error(unknown.join('\n'))
  const report = readReport()
  if (!report) throw new Error('There is no report yet: run npm test first.')
  const rows = coverage(report)
  if (json) return JSON.stringify(rows)
  const lines = rows.map(({ id, state, text }) => `${state === 'proven' ? '✓' : '·'} ${id.padEnd(36)} ${text}`)
  return [...lines, `${coverageLine(rows)}.`].join('\n')
}

if (import.meta.main)
  try {
    process.stdout.write(`${main(process.argv.includes('--json'))}\n`)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = 1
  }
