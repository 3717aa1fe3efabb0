/** `node scripts/api-surface.ts URL`: what callers of the API at this address rely on, one thing a line. */
import { stdout } from 'node:process'

interface Schema {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  additionalProperties?: Schema | boolean
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
}

interface Content {
  content?: Record<string, { schema?: Schema }>
}

interface Operation {
  parameters?: { name: string; in: string; required?: boolean; schema?: Schema }[]
  requestBody?: Content
  responses?: Record<string, Content>
}

/** As much of an OpenAPI document (3.1) as is read here. */
export interface OpenApi {
  paths: Record<string, Record<string, Operation>>
  components?: { schemas?: Record<string, Schema> }
}

/** One thing that is sent or answered: where it stands, what it can be, and whether it must be there. */
export interface Surface {
  /** Such as `POST /v1/runs < body.agent`; `<` is sent, `>` is answered. */
  place: string
  kinds: readonly string[]
  required: boolean
}

/** How deep a schema is followed; beyond that it repeats itself. */
const depthAtMost = 8

/** All that an OpenAPI document promises. */
export function surfaceOf(document: OpenApi): Surface[] {
  const found = new Map<string, Surface>()
  const add = (place: string, kinds: readonly string[], required: boolean): void => {
    const known = found.get(place)
    const all = [...new Set([...(known?.kinds ?? []), ...kinds])].toSorted()
    found.set(place, { place, kinds: all, required: required && (known?.required ?? true) })
  }
  const walk = (schema: Schema, place: string, required: boolean, depth: number): void => {
    if (depth > depthAtMost) return
    const reference = schema.$ref?.split('/').at(-1)
    const followed = reference === undefined ? undefined : document.components?.schemas?.[reference]
    if (followed) return walk(followed, place, required, depth + 1)
    for (const part of [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])])
      walk(part, place, required, depth + 1)
    if (schema.anyOf ?? schema.oneOf ?? schema.allOf) return
    add(place, kindsOf(schema), required)
    for (const [name, part] of Object.entries(schema.properties ?? {}))
      walk(part, `${place}.${name}`, schema.required?.includes(name) ?? false, depth + 1)
    if (schema.items) walk(schema.items, `${place}[]`, false, depth + 1)
    if (typeof schema.additionalProperties === 'object')
      walk(schema.additionalProperties, `${place}{}`, false, depth + 1)
  }
  for (const [path, operations] of Object.entries(document.paths))
    for (const [method, { parameters = [], requestBody, responses = {} }] of Object.entries(operations)) {
      const operation = `${method.toUpperCase()} ${path}`
      add(operation, [], true)
      for (const { name, in: where, required = false, schema = {} } of parameters)
        walk(schema, `${operation} < ${where}.${name}`, required, 0)
      for (const { schema } of Object.values(requestBody?.content ?? {}))
        if (schema) walk(schema, `${operation} < body`, true, 0)
      for (const [status, { content = {} }] of Object.entries(responses))
        for (const { schema } of Object.values(content)) if (schema) walk(schema, `${operation} > ${status}`, true, 0)
    }
  return [...found.values()].toSorted((one, other) => (one.place < other.place ? -1 : 1))
}

const kindsOf = ({ type, enum: values, const: constant }: Schema): string[] => {
  if (constant !== undefined) return [JSON.stringify(constant)]
  return values ? values.map(value => JSON.stringify(value)) : [type ?? 'any'].flat()
}

/** The surface as text, a line each. */
export const writeSurface = (surface: readonly Surface[]): string =>
  surface.map(({ place, kinds, required }) => `${place}: ${kinds.join(' | ')}${required ? ' !' : ''}\n`).join('')

export const readSurface = (text: string): Surface[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map(line => {
      const cut = line.indexOf(': ')
      const said = line.slice(cut + 2)
      const required = said.endsWith('!')
      const kinds = said.replace(/ ?!$/, '').split(' | ').filter(Boolean)
      return { place: line.slice(0, cut), kinds, required }
    })

/** What callers of the old surface would miss in the new one. Empty where they go on as before. */
export function breaksOf(before: readonly Surface[], after: readonly Surface[]): string[] {
  const now = new Map(after.map(each => [each.place, each]))
  const then = new Map(before.map(each => [each.place, each]))
  const missing = before.flatMap(({ place, kinds, required }) => {
    const found = now.get(place)
    if (!found) return [`${place} is gone`]
    if (!place.includes(' < ')) return required && !found.required ? [`${place} may be missing`] : []
    const refused = found.kinds.includes('any')
      ? []
      : kinds.filter(kind => !found.kinds.includes(kind) && !found.kinds.includes(wider(kind)))
    return refused.map(kind => `${place} does not take ${kind} any more`)
  })
  const needed = after.filter(({ place, required }) => {
    const [operation = '', sent] = place.split(' < ')
    return (
      required && sent !== undefined && then.has(operation) && !then.get(place)?.required && parentWasThere(then, place)
    )
  })
  return [...missing, ...needed.map(({ place }) => `${place} is needed now`)]
}

/** A new object may need what it likes. */
const parentWasThere = (then: ReadonlyMap<string, Surface>, place: string): boolean => {
  const parent = place.replace(/(\.[^.]+|\[\]|\{\})$/, '')
  return parent.endsWith(' < query') || parent.endsWith(' < header') || then.has(parent)
}

/** What takes one value takes it as one of a type, too. */
function wider(kind: string): string {
  try {
    return typeof JSON.parse(kind)
  } catch {
    return kind === 'integer' ? 'number' : kind
  }
}

if (import.meta.main) {
  const [url = 'http://127.0.0.1:4100'] = process.argv.slice(2)
  const document = (await (await fetch(new URL('/openapi.json', url))).json()) as OpenApi
  stdout.write(writeSurface(surfaceOf(document)))
}
