/** `npm test`: sets up what the tests need, then runs all of them. */
import { existsSync, globSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { buildConsole } from './build-console.ts'
import { check } from './check.ts'
import { writeCoverage } from './requirements.ts'
import { root, runCommand } from './run-command.ts'

/** Where vitest leaves its report. */
const reportFile = join(root, 'node_modules/.cache/causeway/tests.json')

const Report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  success: z.boolean(),
})

await setUp(
  'Chromium',
  'chromium',
  existsSync('/usr/bin/chromium') || existsSync('/usr/bin/google-chrome') || Boolean(process.env['CHROMIUM_PATH']),
)
await setUp(
  'PostgreSQL',
  'postgresql',
  globSync('/usr/lib/postgresql/*/bin/initdb').length > 0 || Boolean(process.env['TEST_POSTGRES_URL']),
)
buildConsole()
const checks = await check()

mkdirSync(join(reportFile, '..'), { recursive: true })
const run = await runCommand(
  'vitest',
  ['run', '--project', '!repository', '--reporter', 'default', '--reporter', 'json', '--outputFile.json', reportFile],
  { show: true },
)
const report = Report.parse(JSON.parse(readFileSync(reportFile, 'utf8')))
const coverage = writeCoverage(reportFile)
process.stdout.write(
  `requirements: ${coverage.proven} of ${coverage.total} have a passing test (npm run requirements lists them)\n`,
)

const failed = checks.failed + report.numFailedTests + (run.ok || report.numFailedTests > 0 ? 0 : 1)
const skipped = report.numPendingTests > 0 ? `, ${report.numPendingTests} skipped` : ''
process.stdout.write(`${checks.passed + report.numPassedTests} passed, ${failed} failed${skipped}\n`)
process.exitCode = failed > 0 ? 1 : 0

/** Installs a Debian package where it is missing and that is possible; else says what will not be tested. */
async function setUp(what: string, debianPackage: string, present: boolean): Promise<void> {
  if (present) return
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    process.stdout.write(`Installing ${what} for the tests …\n`)
    const env = { DEBIAN_FRONTEND: 'noninteractive' }
    await runCommand('apt-get', ['update'], { env })
    const { ok, output } = await runCommand('apt-get', ['install', '-y', '--no-install-recommends', debianPackage], {
      env,
    })
    if (ok) return
    process.stdout.write(output.split('\n').slice(-5).join('\n'))
  }
  process.stdout.write(`${what} is not on this machine and cannot be installed: its tests are skipped.\n`)
}
