import type { Manifest, ProblemPlace } from '@causeway/contracts'
import { compile } from '../json-schema/index.ts'
import { conditionProblem } from '../labels/index.ts'

/** Schemas of a Tool manifest that do not compile as JSON Schema 2020-12 and conditions that are no CEL. Other kinds have no such problems. */
export function checkToolManifest(manifest: Manifest): ProblemPlace[] {
  if (manifest.kind !== 'Tool') return []
  const conditions = manifest.spec.result.parts.flatMap(({ when }, index) => {
    const problem = when === undefined ? undefined : conditionProblem(when)
    return problem ? [{ pointer: `/spec/result/parts/${index}/when`, message: `expected CEL: ${problem}` }] : []
  })
  const schemas = (['input', 'output'] as const).flatMap(place => {
    const schema = manifest.spec[place]
    if (!schema) return []
    try {
      compile(schema)
      return []
    } catch (error) {
      return [{ pointer: `/spec/${place}`, message: `expected a JSON Schema (2020-12): ${String(error)}` }]
    }
  })
  return [...schemas, ...conditions]
}
