import type { ProblemPlace } from '../errors.ts'
import type { JsonSchema } from '../names.ts'
import { checkHttpImplementation } from './check-http-implementation.ts'
import { checkJsonSchema } from './check-json-schema.ts'
import type { ManifestOf } from './manifest.ts'

function checkRoot(input: JsonSchema): ProblemPlace[] {
  if (input['type'] === 'object') return []
  const pointer = 'type' in input ? '/spec/input/type' : '/spec/input'
  return [{ pointer, message: 'expected "type: object" at the root of the input schema: arguments have names' }]
}

function checkRetries({ retries, idempotent, effect }: ManifestOf<'Tool'>['spec']): ProblemPlace[] {
  if (retries === 0 || idempotent || effect === 'read') return []
  const message = `expected 0, got ${retries}: only a tool that is idempotent or has effect "read" may be repeated`
  return [{ pointer: '/spec/retries', message }]
}

/** What the schema of a Tool cannot say about it. */
export function checkTool({ name, spec }: ManifestOf<'Tool'>): ProblemPlace[] {
  const { input, output, implementation } = spec
  return [
    ...checkRoot(input),
    ...checkJsonSchema(input, ['spec', 'input']),
    ...(output ? checkJsonSchema(output, ['spec', 'output']) : []),
    ...checkRetries(spec),
    ...(implementation.type === 'http' ? checkHttpImplementation(name, implementation, input) : []),
  ]
}
