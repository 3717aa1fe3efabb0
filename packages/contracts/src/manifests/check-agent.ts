import type { ProblemPlace } from '../errors.ts'
import { checkJsonSchema } from './check-json-schema.ts'
import type { ManifestOf } from './manifest.ts'

/** What the schema of an Agent cannot say about it. */
export const checkAgent = ({ name, spec: { tools, output, handoffs = [] } }: ManifestOf<'Agent'>): ProblemPlace[] => [
  ...tools.flatMap((tool, index) =>
    tools.indexOf(tool) === index
      ? []
      : [{ pointer: `/spec/tools/${index}`, message: `expected each tool once, got "${tool}" again` }],
  ),
  ...handoffs.flatMap((agent, index) =>
    agent === name ? [{ pointer: `/spec/handoffs/${index}`, message: 'expected another agent: it is this one' }] : [],
  ),
  ...(output ? checkJsonSchema(output, ['spec', 'output']) : []),
]
