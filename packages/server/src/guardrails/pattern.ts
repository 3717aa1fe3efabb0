import type { Manifest, ProblemPlace } from '@causeway/contracts'
import { RE2JS } from 're2js'
import type { Find, Span } from './detectors/span.ts'

/** Finds what a regular expression of a tenant matches, in linear time whatever it is. @throws RE2JSSyntaxException */
export function findPattern(match: string): Find {
  const pattern = RE2JS.compile(match)
  return text => {
    const spans: Span[] = []
    const matcher = pattern.matcher(text)
    while (matcher.find()) {
      const span = { from: matcher.start(), to: matcher.end() }
      if (span.to > span.from) spans.push(span)
    }
    return spans
  }
}

/** Patterns of a Guardrail that are no RE2. */
export function checkGuardrailManifest(manifest: Manifest): ProblemPlace[] {
  if (manifest.kind !== 'Guardrail') return []
  return manifest.spec.patterns.flatMap(({ match }, index) => {
    const pointer = `/spec/patterns/${index}/match`
    try {
      if (RE2JS.compile(match).matcher('').find())
        return [{ pointer, message: 'expected a pattern that does not match nothing' }]
      return []
    } catch (error) {
      return [{ pointer, message: `expected a regular expression (RE2): ${String(error)}` }]
    }
  })
}
