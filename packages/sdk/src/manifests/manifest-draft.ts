import type { SourcePlace } from './manifest-problem.ts'

/** What one document or export says, before it is judged. */
export interface ManifestDraft {
  readonly value: unknown
  /** The place of a path, or of the nearest part around it that was written. With `key`, that of the key itself. */
  readonly locate: (path: readonly PropertyKey[], part?: 'key' | 'value') => SourcePlace
  /** Whether problems of its syntax are known already; it is then not judged further, but its name counts as given. */
  readonly broken?: boolean
}
