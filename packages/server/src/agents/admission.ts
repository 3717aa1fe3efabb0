import type { Manifest, ProblemPlace } from '@causeway/contracts'
import { schemaProblems } from '../json-schema/index.ts'

/** An output of an Agent manifest that does not compile. Other kinds have no such problem. */
export const checkAgentManifest = (manifest: Manifest): ProblemPlace[] =>
  manifest.kind === 'Agent' ? schemaProblems(manifest.spec.output, '/spec/output') : []
