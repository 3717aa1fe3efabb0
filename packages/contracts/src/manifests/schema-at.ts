import * as z from 'zod'

type Schema = z.core.$ZodType

function unwrap(schema: Schema): Schema {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return unwrap(schema.unwrap())
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return unwrap(schema.unwrap())
  return schema
}

const member = (value: unknown, key: PropertyKey): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined

/** The option of a discriminated union that the value chose by its discriminator. */
function chosenOption(union: z.ZodDiscriminatedUnion, value: unknown): Schema | undefined {
  const { discriminator } = union.def
  const chosen = member(value, discriminator)
  return union.options.find(
    option => option instanceof z.ZodObject && z.safeParse(option.shape[discriminator] ?? z.never(), chosen).success,
  )
}

function step(schema: Schema, key: PropertyKey): Schema | undefined {
  if (schema instanceof z.ZodObject) return Object.hasOwn(schema.shape, key) ? schema.shape[String(key)] : undefined
  if (schema instanceof z.ZodArray) return schema.element
  if (schema instanceof z.ZodRecord) return schema.valueType
  return undefined
}

/** The value at a path, or undefined. */
export const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown => path.reduce(member, value)

/** The schema that applies at a path of a value: unions with a discriminator are followed by the value's choice. */
export function schemaAt(root: Schema, path: readonly PropertyKey[], value: unknown): Schema | undefined {
  let schema: Schema | undefined = root
  for (let depth = 0; schema; depth += 1) {
    schema = unwrap(schema)
    if (schema instanceof z.ZodDiscriminatedUnion)
      schema = chosenOption(schema, valueAt(value, path.slice(0, depth))) ?? schema
    const key = path[depth]
    if (key === undefined) return schema
    schema = step(schema, key)
  }
  return undefined
}

/** The keys that a map may have under this schema; empty when it is not a map with fixed keys. */
export const keysOf = (schema: Schema | undefined): string[] =>
  schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
