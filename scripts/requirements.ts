/** `npm run requirements`: which promises have a passing test that cites them, from the last `npm test`. */
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nearestName } from '@causeway/sdk/manifests'
import { parse } from 'yaml'
import * as z from 'zod'
import { root } from './run-command.ts'

/** A promise, with its row in the mission. */
export interface Requirement {
  id: string
  source: string
  text: string
}

const Manifest = z.record(z.string().regex(/^[A-I]\d$/), z.record(z.string(), z.string()))
const Report = z.object({
  testResults: z.array(z.object({ assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })) })),
})
const coverageFile = join(root, 'node_modules/.cache/causeway/requirements.json')

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

/** Derives from a vitest report which promises are proven, and keeps it. */
export function writeCoverage(reportFile: string): { total: number; proven: number } {
  const report = Report.parse(JSON.parse(readFileSync(reportFile, 'utf8')))
  const titles = report.testResults.flatMap(({ assertionResults }) => assertionResults)
  const passed = new Map<string, string[]>()
  for (const { fullName, status } of titles)
    if (status === 'passed') for (const id of citedIn(fullName)) passed.set(id, [...(passed.get(id) ?? []), fullName])
  const rows = readRequirements().map(requirement => ({
    ...requirement,
    state: passed.has(requirement.id) ? 'proven' : 'open',
    tests: passed.get(requirement.id) ?? [],
  }))
  writeFileSync(coverageFile, JSON.stringify(rows, null, 2))
  return { total: rows.length, proven: passed.size }
}

function main(json: boolean): void {
  const unknown = unknownCitations()
  if (unknown.length > 0) {
    process.stderr.write(`${unknown.join('\n')}\n`)
    process.exitCode = 1
    return
  }
  if (!existsSync(coverageFile)) {
    process.stderr.write('There is no report yet: run npm test first.\n')
    process.exitCode = 1
    return
  }
  const rows = z
    .array(
      z.object({ id: z.string(), source: z.string(), text: z.string(), state: z.string(), tests: z.array(z.string()) }),
    )
    .parse(JSON.parse(readFileSync(coverageFile, 'utf8')))
  if (json) return void process.stdout.write(`${JSON.stringify(rows)}\n`)
  for (const { id, state, text } of rows)
    process.stdout.write(`${state === 'proven' ? '✓' : '·'} ${id.padEnd(28)} ${text}\n`)
  process.stdout.write(
    `${rows.filter(({ state }) => state === 'proven').length} of ${rows.length} proven by a passing test.\n`,
  )
}

if (import.meta.main) main(process.argv.includes('--json'))
