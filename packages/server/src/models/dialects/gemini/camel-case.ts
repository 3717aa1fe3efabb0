import { CausewayError } from '@causeway/contracts'

// Google reads every field in snake_case too. What users and tools have named themselves stays as it is.
const named: ReadonlySet<string> = new Set([
  'args',
  'response',
  'parameters',
  'parametersJsonSchema',
  'responseSchema',
  'responseJsonSchema',
  'labels',
])

// As protobuf's readers of JSON do it.
const deepest = 100

/** The value with the names of its fields in camelCase. @throws CausewayError invalid-request for one that is nested too deeply */
export function camelCase(value: unknown, depth = 0): unknown {
  if (depth > deepest)
    throw new CausewayError('invalid-request', `The request is nested more than ${deepest} levels deep.`)
  if (Array.isArray(value)) return value.map(item => camelCase(item, depth + 1))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const name = key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
      return [name, named.has(name) ? inner : camelCase(inner, depth + 1)]
    }),
  )
}
