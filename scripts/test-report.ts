import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as z from 'zod'
import { root } from './run-command.ts'

/** Where vitest leaves its report. */
export const reportFile = join(root, 'node_modules/.cache/causeway/tests.json')

const Report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  success: z.boolean(),
  testResults: z.array(z.object({ assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })) })),
})

/** What vitest reported of a run. */
export type TestReport = z.infer<typeof Report>

/** Removes the report of an earlier run, so that a run that ends without one is not taken for it. */
export function forgetReport(): void {
  mkdirSync(dirname(reportFile), { recursive: true })
  rmSync(reportFile, { force: true })
}

/** The report of the last run; undefined when vitest ended without one. @throws ZodError when it has another form */
export const readReport = (): TestReport | undefined =>
  existsSync(reportFile) ? Report.parse(JSON.parse(readFileSync(reportFile, 'utf8'))) : undefined

export interface Totals {
  passed: number
  failed: number
  skipped: number
}

/** How the checks and the tests ended together. A run that failed although no test did counts as one failure: a file that cannot be loaded, an error outside of the tests. */
export function totalsOf(
  checks: { passed: number; failed: number },
  run: { ok: boolean; report: TestReport | undefined },
): Totals {
  const { report } = run
  const failedTests = report?.numFailedTests ?? 0
  const failedOtherwise = failedTests === 0 && !(run.ok && report?.success) ? 1 : 0
  return {
    passed: checks.passed + (report?.numPassedTests ?? 0),
    failed: checks.failed + failedTests + failedOtherwise,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  }
}

/** The last line of `npm test`. */
export const totalsLine = ({ passed, failed, skipped }: Totals): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
