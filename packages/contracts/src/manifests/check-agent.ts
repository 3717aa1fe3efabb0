import type { ProblemPlace } from '../errors.ts'
import type { ManifestOf } from './manifest.ts'

/** What the schema of an Agent cannot say about it. */
export const checkAgent = ({ spec: { tools } }: ManifestOf<'Agent'>): ProblemPlace[] =>
  tools.flatMap((tool, index) =>
    tools.indexOf(tool) === index
      ? []
      : [{ pointer: `/spec/tools/${index}`, message: `expected each tool once, got "${tool}" again` }],
  )
