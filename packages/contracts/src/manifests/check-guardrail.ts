import type { ProblemPlace } from '../errors.ts'
import { urlSecretProblem } from './check-secrets.ts'
import type { ManifestOf } from './manifest.ts'

/** What the schema of a Guardrail cannot say about it. */
export function checkGuardrail({ spec }: ManifestOf<'Guardrail'>): ProblemPlace[] {
  const problems: ProblemPlace[] = []
  const { detectors, patterns, external = [] } = spec
  if (detectors.length + patterns.length + external.length === 0)
    problems.push({
      pointer: '/spec',
      message: 'expected something to look for, in "detectors", "patterns" or "external"',
    })
  if (external.length > 0 && spec.at.includes('output'))
    problems.push({
      pointer: '/spec/external',
      message:
        'expected no external detectors with "output" in "at": they look into whole texts, and answers are streamed',
    })
  if (spec.action === 'classify' && spec.dataClass === undefined)
    problems.push({ pointer: '/spec/action', message: 'expected a "dataClass" beside the action "classify"' })
  if (spec.dataClass !== undefined && !spec.at.includes('input'))
    problems.push({ pointer: '/spec/at', message: 'expected "input": the class of an answer decides nothing' })
  const named = [
    ...patterns.map(({ name }, index) => ({ name, pointer: `/spec/patterns/${index}/name` })),
    ...external.map(({ name }, index) => ({ name, pointer: `/spec/external/${index}/name` })),
  ]
  const taken = new Set<string>(detectors)
  for (const [index, { url }] of external.entries()) {
    const message = urlSecretProblem(url)
    if (message) problems.push({ pointer: `/spec/external/${index}/url`, message })
  }
  for (const { name, pointer } of named) {
    if (taken.has(name)) problems.push({ pointer, message: `expected each name once, got "${name}" again` })
    taken.add(name)
  }
  return problems
}
