import type { JsonSchema, ProblemPlace } from '@causeway/contracts'
import { compile } from './json-schema.ts'

/** A schema of a manifest that does not compile as JSON Schema 2020-12, at its place. */
export function schemaProblems(schema: JsonSchema | undefined, pointer: string): ProblemPlace[] {
  if (!schema) return []
  try {
    compile(schema)
    return []
  } catch (error) {
    return [{ pointer, message: `expected a JSON Schema (2020-12): ${String(error)}` }]
  }
}
