import { createHash } from 'node:crypto'
import type { JsonSchema } from '@causeway/contracts'
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'

const compiledAtMost = 2000
const compiled = new Map<string, ValidateFunction>()

/**
 * Says what is wrong with a value under a JSON Schema (2020-12), or nothing when it fits.
 * @throws Error when the schema itself does not compile; admission keeps such schemas out.
 */
export function mismatch(schema: JsonSchema, value: unknown): string | undefined {
  const validate = compile(schema)
  return validate(value) ? undefined : describeErrors(validate)
}

/** Compiles a schema, or gives the compiled form that is kept. @throws Error with the reason when the schema is not valid. */
export function compile(schema: JsonSchema): ValidateFunction {
  const text = JSON.stringify(schema)
  const key = createHash('sha256').update(text).digest('hex')
  const known = compiled.get(key)
  if (known) return known
  const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: true })
  formats.default(ajv)
  // Checked where arguments are brought into their one form.
  for (const format of ['iban', 'path', 'amount', 'idn-email', 'iri']) ajv.addFormat(format, true)
  const validate = ajv.compile(schema)
  if (compiled.size >= compiledAtMost) compiled.delete(compiled.keys().next().value ?? '')
  compiled.set(key, validate)
  return validate
}

/** What the last value that was validated did wrong. */
export const describeErrors = ({ errors }: ValidateFunction): string =>
  (errors ?? []).slice(0, 5).map(describe).join('; ')

function describe({ instancePath, message, params }: ErrorObject): string {
  const place = instancePath === '' ? 'the value' : instancePath
  const extra = 'additionalProperty' in params ? ` ("${String(params['additionalProperty'])}")` : ''
  const allowed = 'allowedValues' in params ? ` (${JSON.stringify(params['allowedValues'])})` : ''
  return `${place} ${message ?? 'does not match'}${extra}${allowed}`
}
