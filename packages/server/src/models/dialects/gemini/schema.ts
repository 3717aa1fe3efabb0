import { CausewayError, type JsonSchema } from '@causeway/contracts'
import { isRecord } from '../head-members.ts'

// Gemini's own form of schemas is that of OpenAPI 3.0: types in capitals, `nullable`, counts as texts.
// Source: https://ai.google.dev/api/caching#Schema

const deepest = 64
const counts: ReadonlySet<string> = new Set([
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'minProperties',
  'maxProperties',
])

/** A schema of this dialect as JSON Schema. @throws CausewayError invalid-request for one that is nested too deeply */
export function readSchema(schema: Record<string, unknown>, depth = 0): JsonSchema {
  if (depth > deepest)
    throw new CausewayError('invalid-request', `A schema is nested more than ${deepest} levels deep.`)
  const inner = (value: unknown): unknown => (isRecord(value) ? readSchema(value, depth + 1) : value)
  const fields = Object.entries(schema).flatMap(([key, value]): [string, unknown][] => {
    const name = key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
    switch (name) {
      case 'type':
        return typeof value === 'string' && value !== 'TYPE_UNSPECIFIED' ? [['type', value.toLowerCase()]] : []
      case 'items':
      case 'additionalProperties':
        return [[name, inner(value)]]
      case 'anyOf':
      case 'prefixItems':
        return [[name, Array.isArray(value) ? value.map(inner) : value]]
      case 'properties':
      case 'defs':
        return [[name, isRecord(value) ? mapValues(value, inner) : value]]
      case 'nullable':
      case 'propertyOrdering':
        return []
      case 'example':
        return [['examples', [value]]]
      default:
        return [[name, counts.has(name) ? Number(value) : value]]
    }
  })
  const read: JsonSchema = Object.fromEntries(fields)
  return schema['nullable'] === true ? nullable(read) : read
}

const mapValues = (record: Record<string, unknown>, map: (value: unknown) => unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))

function nullable(schema: JsonSchema): JsonSchema {
  if (typeof schema['type'] !== 'string') return { anyOf: [schema, { type: 'null' }] }
  const values = schema['enum']
  return {
    ...schema,
    type: [schema['type'], 'null'],
    ...(Array.isArray(values) && !values.includes(null) && { enum: [...(values as unknown[]), null] }),
  }
}
