import { createHash } from 'node:crypto'
import type { JsonSchema } from '@causeway/contracts'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { LRUCache } from 'lru-cache'
import { describeErrors } from './json-schema.ts'

/** Characters of a schema; a larger one is not looked at. */
const schemaLimit = 64 * 1024

const compiled = new LRUCache<string, { validate: ValidateFunction | undefined }>({ max: 500 })

/**
 * Says what is wrong with a value under a schema that a caller has sent; an empty text when it fits, and undefined where
 * the schema cannot be used to tell. Patterns are not looked at: the pattern of a caller could take for ever on our time.
 */
export function foreignMismatch(schema: JsonSchema, value: unknown): string | undefined {
  const text = JSON.stringify(schema)
  if (text.length > schemaLimit) return undefined
  const key = createHash('sha256').update(text).digest('base64')
  const known = compiled.get(key) ?? { validate: compileForeign(schema, text) }
  compiled.set(key, known)
  const { validate } = known
  if (!validate) return undefined
  return validate(value) ? '' : describeErrors(validate)
}

function compileForeign(schema: JsonSchema, text: string): ValidateFunction | undefined {
  // Without its patterns such an object would be told that it has fields too many.
  if (text.includes('"patternProperties"')) return undefined
  const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: true })
  formats.default(ajv, { mode: 'fast' })
  ajv.removeKeyword('pattern')
  try {
    return ajv.compile(schema)
  } catch {
    return undefined
  }
}
