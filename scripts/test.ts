/** `npm test`: sets up what the tests need, then runs all of them. */
import { buildConsole } from './build-console.ts'
import { check } from './check.ts'
import { coverage, coverageLine } from './requirements.ts'
import { runCommand } from './run-command.ts'
import { setUpTests } from './set-up-tests.ts'
import { forgetReport, readReport, reportFile, totalsLine, totalsOf } from './test-report.ts'

await setUpTests()
const built = tryToBuildConsole()
const checks = await check({ repositoryTests: false })

forgetReport()
const reporters = ['--reporter', 'default', '--reporter', 'json', '--outputFile.json', reportFile]
const { ok } = await runCommand('vitest', ['run', ...reporters], { show: true })
const report = readReport()
process.stdout.write(
  report ? `${coverageLine(coverage(report))} (npm run requirements lists them)\n` : 'vitest ended without a report\n',
)

const totals = totalsOf(
  { passed: checks.passed + (built ? 1 : 0), failed: checks.failed + (built ? 0 : 1) },
  { ok, report },
)
process.stdout.write(`${totalsLine(totals)}\n`)
process.exitCode = totals.failed > 0 ? 1 : 0

/** A console that does not build is one failure among the others, not the end of the run. */
function tryToBuildConsole(): boolean {
  try {
    buildConsole()
    process.stdout.write('✓ build of the console\n')
    return true
  } catch (error) {
    process.stdout.write(`✗ build of the console: ${(error as Error).message}\n`)
    return false
  }
}
