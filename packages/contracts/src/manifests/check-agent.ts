import type { ProblemPlace } from '../errors.ts'
import { checkJsonSchema } from './check-json-schema.ts'
import type { ManifestOf } from './manifest.ts'

/** What the schema of an Agent cannot say about it. */
export const checkAgent = ({ spec: { tools, output } }: ManifestOf<'Agent'>): ProblemPlace[] => [
  ...tools.flatMap((tool, index) =>
    tools.indexOf(tool) === index
      ? []
      : [{ pointer: `/spec/tools/${index}`, message: `expected each tool once, got "${tool}" again` }],
  ),
  ...(output ? checkJsonSchema(output, ['spec', 'output']) : []),
]
