import { expect, test } from 'vitest'
import { coverage } from '../scripts/requirements.ts'
import { totalsLine, totalsOf, type TestReport } from '../scripts/test-report.ts'

const report = (changes: Partial<TestReport> = {}): TestReport => ({
  numPassedTests: 10,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  success: true,
  testResults: [],
  ...changes,
})
const checks = { passed: 5, failed: 0 }

test('the last line of npm test counts checks and tests', () => {
  expect(totalsLine(totalsOf(checks, { ok: true, report: report() }))).toBe('15 passed, 0 failed')
  const unhappy = { ok: false, report: report({ numFailedTests: 2, numPendingTests: 3, success: false }) }
  expect(totalsLine(totalsOf({ passed: 4, failed: 1 }, unhappy))).toBe('14 passed, 3 failed, 3 skipped')
})

test('a run that breaks without a failed test is a failure', () => {
  expect(totalsOf(checks, { ok: false, report: undefined }).failed).toBe(1)
  expect(totalsOf(checks, { ok: false, report: report() }).failed).toBe(1)
  expect(totalsOf(checks, { ok: true, report: report({ success: false }) }).failed).toBe(1)
})

test('a promise is proven by a passing test, unless another test that cites it fails', () => {
  const assertionResults = [
    { fullName: 'runs are made [A1.create]', status: 'passed' },
    { fullName: 'runs are read [A1.get, A1.list]', status: 'passed' },
    { fullName: 'lists are complete [A1.list]', status: 'failed' },
    { fullName: 'runs end [A1.cancel]', status: 'skipped' },
  ]
  const rows = coverage(report({ testResults: [{ assertionResults }] }))
  const stateOf = (id: string): string | undefined => rows.find(row => row.id === id)?.state
  expect(['A1.create', 'A1.get', 'A1.list', 'A1.cancel', 'A1.fork'].map(stateOf)).toEqual([
    'proven',
    'proven',
    'open',
    'open',
    'open',
  ])
})
