import type { ProblemPlace } from '../errors.ts'
import type { ManifestOf } from './manifest.ts'

/** What the schema of a Guardrail cannot say about it. */
export function checkGuardrail({ spec }: ManifestOf<'Guardrail'>): ProblemPlace[] {
  const problems: ProblemPlace[] = []
  if (spec.detectors.length + spec.patterns.length === 0)
    problems.push({ pointer: '/spec', message: 'expected something to look for, in "detectors" or "patterns"' })
  if (spec.action === 'classify' && spec.dataClass === undefined)
    problems.push({ pointer: '/spec/action', message: 'expected a "dataClass" beside the action "classify"' })
  if (spec.dataClass !== undefined && !spec.at.includes('input'))
    problems.push({ pointer: '/spec/at', message: 'expected "input": the class of an answer decides nothing' })
  const names: string[] = [...spec.detectors, ...spec.patterns.map(({ name }) => name)]
  for (const [index, { name }] of spec.patterns.entries())
    if (names.indexOf(name) !== spec.detectors.length + index)
      problems.push({
        pointer: `/spec/patterns/${index}/name`,
        message: `expected each name once, got "${name}" again`,
      })
  return problems
}
