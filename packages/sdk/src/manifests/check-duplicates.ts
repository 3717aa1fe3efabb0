import { nameOf } from './check-references.ts'
import type { ManifestDraft } from './manifest-draft.ts'
import type { ManifestProblem, SourcePlace } from './manifest-problem.ts'

/** Manifests that have the kind and name of one before them; each problem names both places. */
export function duplicateProblems(drafts: readonly ManifestDraft[]): ManifestProblem[] {
  const first = new Map<string, SourcePlace>()
  const problems: ManifestProblem[] = []
  for (const { value, locate } of drafts) {
    const named = nameOf(value)
    if (!named) continue
    const title = `${named.kind} "${named.name}"`
    const place = locate(['name'])
    const before = first.get(title)
    if (!before) first.set(title, place)
    else {
      const message = `expected ${title} once, got it again after ${before.file}:${before.line}:${before.column}`
      problems.push({ ...place, pointer: '/name', message })
    }
  }
  return problems
}
