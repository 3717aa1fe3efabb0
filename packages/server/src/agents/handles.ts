import { createHash } from 'node:crypto'
import {
  CausewayError,
  handleKey,
  jsonPointer,
  type EventData,
  type JsonSchema,
  type Label,
  type ToolSpec,
} from '@causeway/contracts'
import * as z from 'zod'
import { join, placesAt, type LabelledPart } from '../labels/index.ts'

/** A result that the model passes on without having read it. */
export interface KeptResult {
  output: unknown
  label: Label
  parts: readonly LabelledPart[]
}

const Reference = z.strictObject({
  [handleKey]: z.string().max(100),
  at: z
    .string()
    .max(500)
    .regex(/^(\/[^/]*)*$/, 'expected a JSON pointer')
    .default(''),
})

/** The name of a kept result, which says nothing of what is in it. */
export const handleFor = ({ effectKey }: EventData<'tool-called'>): string =>
  `h${createHash('sha256').update(`handle ${effectKey}`).digest('hex').slice(0, 8)}`

/** What a model is told of a kept result: the schema that was reviewed, and how long its lists are. No word of the tool is in it. */
export const toldOfHandle = (handle: string, output: unknown, schema: JsonSchema): string =>
  JSON.stringify({ [handleKey]: handle, schema, lengths: Object.fromEntries(lengthsIn(output, schema)) })

/** How models are told to pass a kept result on. */
export const handleHint = `You get a handle and a schema in place of the result. Pass a part of it on, without reading it, as {"${handleKey}": "the handle", "at": "/a/pointer"} in place of a value of another call.`

/** Whether a model is shown no more of a result than a handle. */
export const isKept = ({ result, output }: Pick<ToolSpec, 'result' | 'output'>): boolean =>
  result.handle === true && output !== undefined

/** How deep arguments are nested, and what all handles of a call stand for, at the most. */
const [depthAtMost, charactersAtMost] = [32, 1_000_000]

/** Arguments with what their handles stand for, and the labels of that. */
export interface ResolvedArguments {
  values: Record<string, unknown>
  labels: Label[]
}

/** @throws CausewayError invalid-tool-arguments for a handle that is not there, or leads nowhere */
export function resolveHandles(
  values: Record<string, unknown>,
  kept: ReadonlyMap<string, KeptResult>,
): ResolvedArguments {
  const labels: Label[] = []
  let characters = 0
  const resolved = (value: unknown, depth: number): unknown => {
    if (typeof value !== 'object' || value === null) return value
    if (depth > depthAtMost) throw wrong(`The arguments are nested more than ${depthAtMost} deep.`)
    const inside = (each: unknown): unknown => resolved(each, depth + 1)
    if (Array.isArray(value)) return value.map(inside)
    if (!Object.hasOwn(value, handleKey)) return mapped(value, inside)
    const reference = Reference.safeParse(value)
    if (!reference.success) throw wrong(`A handle is {"${handleKey}": "…", "at": "/…"} and nothing else.`)
    const { [handleKey]: name, at } = reference.data
    const result = kept.get(name)
    if (!result) throw wrong(`There is no handle ${name} here.`)
    const places = placesAt(result.output, at)
    const [first] = places
    if (!first) throw wrong(`The result ${name} has nothing at ${at}.`)
    // The same long result could be named again and again.
    for (const place of places) characters += JSON.stringify(place.value ?? null).length
    if (characters > charactersAtMost) throw wrong(`The handles stand for more than ${charactersAtMost} characters.`)
    labels.push(...places.map(({ pointer }) => labelAt(result, pointer)))
    return at.split('/').includes('*') ? places.map(place => place.value) : first.value
  }
  return { values: mapped(values, each => resolved(each, 1)), labels }
}

const mapped = (values: object, each: (value: unknown) => unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, each(value)]))

/** The label of a part, or that of the whole, which is the worst of all in it. */
const labelAt = ({ label, parts }: KeptResult, pointer: string): Label => {
  const around = parts.filter(part => pointer === part.pointer || pointer.startsWith(`${part.pointer}/`))
  return around.length > 0 ? around.map(part => part.label).reduce(join) : label
}

const wrong = (message: string): CausewayError => new CausewayError('invalid-tool-arguments', message)

/** Lengths of the lists that a schema knows of, by pointer. */
function lengthsIn(output: unknown, schema: unknown, pointer = ''): [string, number][] {
  if (typeof schema !== 'object' || schema === null || typeof output !== 'object' || output === null) return []
  if (Array.isArray(output)) return [[pointer, output.length]]
  const { properties } = schema as { properties?: Record<string, unknown> }
  return Object.entries(properties ?? {}).flatMap(([key, inside]) =>
    Object.hasOwn(output, key)
      ? lengthsIn((output as Record<string, unknown>)[key], inside, pointer + jsonPointer([key]))
      : [],
  )
}
