/** A place in a file; line and column count from 1, the column in UTF-16 units as editors do. */
export interface SourcePlace {
  file: string
  line: number
  column: number
}

/** One thing that is wrong with a manifest, where its author wrote it. */
export interface ManifestProblem extends SourcePlace {
  /** JSON Pointer (RFC 6901) into the manifest; empty for the manifest or file as a whole. */
  pointer: string
  message: string
  /** The nearest valid name. */
  suggestion?: string
}

/** `agents/support.yaml:12:7 expected …, got … (did you mean "…"?)`: the form that editors and terminals make clickable. */
export const formatProblem = ({ file, line, column, message, suggestion }: ManifestProblem): string =>
  `${file}:${line}:${column} ${message}${suggestion === undefined ? '' : ` (did you mean "${suggestion}"?)`}`

/** Orders problems as a reader meets them. */
export const byPlace = (one: SourcePlace, other: SourcePlace): number =>
  compare(one.file, other.file) || one.line - other.line || one.column - other.column

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other))
