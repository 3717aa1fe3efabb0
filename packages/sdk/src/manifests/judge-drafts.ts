import {
  checkManifest,
  explainIssues,
  jsonPointer,
  Manifest,
  pointerKeys,
  type ManifestInput,
  type ProblemPlace,
} from '@causeway/contracts'
import { duplicateProblems } from './check-duplicates.ts'
import { referenceProblems, type ManifestName } from './check-references.ts'
import type { LoadedManifest, LoadedManifests } from './loaded-manifest.ts'
import type { ManifestDraft } from './manifest-draft.ts'
import { byPlace, type ManifestProblem } from './manifest-problem.ts'
import { nearestName } from './nearest-name.ts'

function schemaProblems({ value, locate }: ManifestDraft, issues: Parameters<typeof explainIssues>[2]) {
  return explainIssues(Manifest, value, issues).map(({ path, part, message, given, candidates }): ManifestProblem => {
    const suggestion = given === undefined ? undefined : nearestName(given, candidates)
    return { ...locate(path, part), pointer: jsonPointer(path), message, ...(suggestion && { suggestion }) }
  })
}

const placeProblem = (loaded: LoadedManifest, { pointer, message }: ProblemPlace): ManifestProblem => ({
  ...loaded.locate(pointer),
  pointer,
  message,
})

const isInput = (value: unknown, fits: boolean): value is ManifestInput => fits && value !== undefined

function judge(draft: ManifestDraft): LoadedManifest | ManifestProblem[] {
  const { value } = draft
  const parsed = Manifest.safeParse(value)
  if (!parsed.success || !isInput(value, parsed.success)) return schemaProblems(draft, parsed.error?.issues ?? [])
  return {
    input: value,
    manifest: parsed.data,
    source: draft.locate([]),
    locate: pointer => draft.locate(pointerKeys(pointer)),
  }
}

/** Judges drafts each by itself and as a set. `existing` are the names that are in force in the environment already. */
export function judgeDrafts(drafts: readonly ManifestDraft[], existing: readonly ManifestName[] = []): LoadedManifests {
  const loaded: LoadedManifest[] = []
  const invalid: ManifestProblem[] = []
  for (const draft of drafts.filter(({ broken }) => !broken)) {
    const judged = judge(draft)
    if (Array.isArray(judged)) invalid.push(...judged)
    else loaded.push(judged)
  }
  const named = drafts.map(({ value }) => value)
  const problems = [
    ...invalid,
    ...loaded.flatMap(each => checkManifest(each.manifest).map(problem => placeProblem(each, problem))),
    ...referenceProblems(loaded, named, existing),
    ...duplicateProblems(drafts),
  ]
  return { manifests: loaded, problems: problems.toSorted(byPlace) }
}

/** Gives problems that the server found (pointers such as `/manifests/3/spec/model`, or `/manifest/spec/model` of one) their places in the files. */
export const placeProblems = (
  manifests: readonly LoadedManifest[],
  problems: readonly ProblemPlace[],
): ManifestProblem[] =>
  problems.map(({ pointer, message }) => {
    const [member, ...rest] = pointerKeys(pointer)
    const [index, ...keys] = member === 'manifest' ? ['0', ...rest] : rest
    const loaded = manifests[Number(index)]
    if (!loaded) return { file: 'manifests', line: 1, column: 1, pointer, message }
    return placeProblem(loaded, { pointer: jsonPointer(keys), message })
  })
