const depthAtMost = 32

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Something in a document that cannot become a tool; its message says why. */
export class NotConvertible extends Error {}

/**
 * A part of a document with its references put in their place.
 * @throws NotConvertible for references that leave the document, lead nowhere or lead back to themselves
 */
export function resolved(document: Record<string, unknown>, part: unknown, under: readonly string[] = []): unknown {
  if (under.length > depthAtMost) throw new NotConvertible(`It is nested more than ${depthAtMost} deep.`)
  if (Array.isArray(part)) return part.map(each => resolved(document, each, [...under, '']))
  if (!isRecord(part)) return part
  const { $ref } = part
  if (typeof $ref !== 'string')
    return Object.fromEntries(
      Object.entries(part).map(([key, each]) => [key, resolved(document, each, [...under, ''])]),
    )
  if (under.includes($ref)) throw new NotConvertible(`It leads back to itself at ${$ref}.`)
  return resolved(document, target(document, $ref), [...under, $ref])
}

function target(document: Record<string, unknown>, reference: string): unknown {
  if (!reference.startsWith('#/')) throw new NotConvertible(`It refers to another document: ${reference}.`)
  const keys = reference
    .slice(2)
    .split('/')
    .map(key => decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~'))
  let found: unknown = document
  for (const key of keys) found = isRecord(found) && Object.hasOwn(found, key) ? found[key] : undefined
  if (found === undefined) throw new NotConvertible(`${reference} is not in the document.`)
  return found
}

/** A schema of OpenAPI 3.0 as JSON Schema 2020-12, which 3.1 has itself. Source: https://spec.openapis.org/oas/v3.0.3#schema-object */
export function jsonSchemaOf(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(jsonSchemaOf)
  if (!isRecord(schema)) return schema
  const {
    nullable,
    exclusiveMinimum,
    exclusiveMaximum,
    example: _example,
    xml: _xml,
    discriminator: _which,
    ...rest
  } = schema
  const plain: Record<string, unknown> = Object.fromEntries(
    Object.entries(rest).map(([key, each]) => [
      key,
      key === 'enum' || key === 'default' || key === 'const' ? each : jsonSchemaOf(each),
    ]),
  )
  if (nullable === true && typeof plain['type'] === 'string') plain['type'] = [plain['type'], 'null']
  const { minimum, maximum, ...others } = plain
  return {
    ...others,
    ...limitOf(['minimum', 'exclusiveMinimum'], minimum, exclusiveMinimum),
    ...limitOf(['maximum', 'exclusiveMaximum'], maximum, exclusiveMaximum),
  }
}

/** In 3.0 whether a limit is exclusive is said beside it; in 3.1 an exclusive limit is a number of its own. */
function limitOf(
  [name, exclusiveName]: readonly [string, string],
  limit: unknown,
  exclusive: unknown,
): Record<string, unknown> {
  if (exclusive === true) return { [exclusiveName]: limit }
  return {
    ...(limit !== undefined && { [name]: limit }),
    ...(typeof exclusive === 'number' && { [exclusiveName]: exclusive }),
  }
}
