import type { ProblemPlace } from '../errors.ts'
import type { JsonSchema } from '../names.ts'
import { jsonPointer } from './json-pointer.ts'

/** Bounds of a JSON Schema, so that compiling and running it stays cheap. */
const bounds = { levels: 16, bytes: 64 * 1024, patternCharacters: 500 }

/** Keywords whose value is a map from the author's names to schemas: a name in it is no keyword. */
const mapsOfSchemas = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'])
const data = new Set(['const', 'enum', 'default', 'examples'])
const references = new Set(['$ref', '$dynamicRef', '$recursiveRef'])

type Position = 'schema' | 'map' | 'patterns' | 'data'

function positionOf(keyword: string, position: Position): Position {
  if (position === 'map' || position === 'patterns') return 'schema'
  if (position === 'data' || data.has(keyword)) return 'data'
  if (keyword === 'patternProperties') return 'patterns'
  return mapsOfSchemas.has(keyword) ? 'map' : 'schema'
}

function patternProblem(pattern: string): string | undefined {
  if (pattern.length > bounds.patternCharacters)
    return `expected a pattern of at most ${bounds.patternCharacters} characters, got ${pattern.length}`
  try {
    RegExp(pattern, 'u')
    return undefined
  } catch {
    return 'expected a regular expression (ECMAScript, Unicode)'
  }
}

function keywordProblem(keyword: string, value: unknown, position: Position): string | undefined {
  if (position === 'patterns') return patternProblem(keyword)
  if (position !== 'schema' || typeof value !== 'string') return undefined
  if (keyword === 'pattern') return patternProblem(value)
  if (references.has(keyword) && !value.startsWith('#'))
    return 'expected a reference inside this schema such as "#/$defs/address"; nothing is fetched from elsewhere'
  return undefined
}

/** What makes a JSON Schema too large, too deep or dependent on other documents. `path` is where it stands. */
export function checkJsonSchema(schema: JsonSchema, path: readonly PropertyKey[]): ProblemPlace[] {
  const bytes = new TextEncoder().encode(JSON.stringify(schema)).length
  if (bytes > bounds.bytes)
    return [{ pointer: jsonPointer(path), message: `expected at most ${bounds.bytes} bytes of schema, got ${bytes}` }]
  const problems: ProblemPlace[] = []
  const visit = (part: unknown, place: readonly PropertyKey[], position: Position): void => {
    if (typeof part !== 'object' || part === null) return
    if (place.length - path.length >= bounds.levels) {
      problems.push({ pointer: jsonPointer(place), message: `expected at most ${bounds.levels} levels of schema` })
      return
    }
    for (const [key, value] of Object.entries(part)) {
      const here = [...place, key]
      const message = Array.isArray(part) ? undefined : keywordProblem(key, value, position)
      if (message) problems.push({ pointer: jsonPointer(here), message })
      visit(value, here, Array.isArray(part) ? position : positionOf(key, position))
    }
  }
  visit(schema, path, 'schema')
  return problems
}
