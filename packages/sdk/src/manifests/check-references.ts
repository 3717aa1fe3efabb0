import { ManifestKind, referencesOf, type ManifestReference } from '@causeway/contracts'
import type { LoadedManifest } from './loaded-manifest.ts'
import type { ManifestProblem } from './manifest-problem.ts'
import { nearestName } from './nearest-name.ts'

/** What tells one manifest from another. */
export interface ManifestName {
  kind: ManifestKind
  name: string
}

/** The kind and name of a value that says them, be it right otherwise or not. */
export function nameOf(value: unknown): ManifestName | undefined {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('name' in value)) return undefined
  const kind = ManifestKind.safeParse(value.kind)
  return kind.success && typeof value.name === 'string' ? { kind: kind.data, name: value.name } : undefined
}

function unresolved(loaded: LoadedManifest, { kind, name, pointer }: ManifestReference, names: readonly string[]) {
  const suggestion = nearestName(name, names)
  const message = `expected the name of a ${kind}, got ${JSON.stringify(name)}, which does not exist`
  const problem: ManifestProblem = { ...loaded.locate(pointer), pointer, message }
  return suggestion === undefined ? problem : { ...problem, suggestion }
}

/** References to manifests that neither stand beside this one nor are in force already. `values` may be wrong otherwise. */
export function referenceProblems(
  manifests: readonly LoadedManifest[],
  values: readonly unknown[],
  existing: readonly ManifestName[],
): ManifestProblem[] {
  const names = new Map(ManifestKind.options.map(kind => [kind, new Set<string>()]))
  for (const named of [...values.map(nameOf), ...existing]) if (named) names.get(named.kind)?.add(named.name)
  return manifests.flatMap(loaded =>
    referencesOf(loaded.manifest)
      .filter(({ kind, name }) => !names.get(kind)?.has(name))
      .map(reference => unresolved(loaded, reference, [...(names.get(reference.kind) ?? [])])),
  )
}
