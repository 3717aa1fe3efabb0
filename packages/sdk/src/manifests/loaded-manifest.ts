import type { Manifest, ManifestInput } from '@causeway/contracts'
import type { ManifestProblem, SourcePlace } from './manifest-problem.ts'

/** A manifest that is right in itself, with where it was written. */
export interface LoadedManifest {
  /** As its author wrote it. */
  input: ManifestInput
  /** With defaults filled in. */
  manifest: Manifest
  source: SourcePlace
  /** The place of a JSON Pointer into the manifest, or of the nearest part around it that was written. */
  locate: (pointer: string) => SourcePlace
}

/** What was loaded. When there are problems, `manifests` has those that are right in themselves. */
export interface LoadedManifests {
  manifests: LoadedManifest[]
  problems: ManifestProblem[]
}
