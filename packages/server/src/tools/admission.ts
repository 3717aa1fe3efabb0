import type { Manifest, ProblemPlace } from '@causeway/contracts'
import { compile } from '../json-schema/index.ts'

/** The schemas of a Tool manifest that do not compile as JSON Schema 2020-12. Other kinds have no such problems. */
export function checkToolManifest(manifest: Manifest): ProblemPlace[] {
  if (manifest.kind !== 'Tool') return []
  return (['input', 'output'] as const).flatMap(place => {
    const schema = manifest.spec[place]
    if (!schema) return []
    try {
      compile(schema)
      return []
    } catch (error) {
      return [{ pointer: `/spec/${place}`, message: `expected a JSON Schema (2020-12): ${String(error)}` }]
    }
  })
}
