import { explainIssues, JsonSchema, jsonPointer, type ToolSpec } from '@causeway/contracts'
import * as z from 'zod'
import type { InputOf } from './define.ts'

/** What a tool's function is told beside its arguments. */
export interface ToolContext {
  /** The same for every attempt at one call: give it to what you call, so that a repeated call has one effect. */
  idempotencyKey: string
  /** The run that calls; null outside of runs. */
  runId: string | null
  /** Aborted at the deadline of the call. */
  signal: AbortSignal
}

type Governance = Partial<Omit<ToolSpec, 'description' | 'input' | 'output' | 'implementation'>>
type HttpInput = Extract<InputOf<'Tool'>['spec']['implementation'], { type: 'http' }>

interface ToolBase<Input extends z.ZodObject, Output extends z.ZodType> extends Governance {
  name: string
  description: string
  input: Input
  output?: Output
}

/** A tool as a team writes it: schemas, how it is governed, and the function that a worker serves. */
export interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodType> extends ToolBase<Input, Output> {
  execute: (values: z.output<Input>, context: ToolContext) => Promise<z.input<Output>> | z.input<Output>
}

/** A tool that the platform calls over HTTP. */
export interface HttpToolDefinition<Input extends z.ZodObject, Output extends z.ZodType> extends ToolBase<
  Input,
  Output
> {
  implementation: HttpInput
}

/** A tool with its manifest. */
export interface DefinedTool {
  readonly manifest: InputOf<'Tool'>
}

/** A tool that a worker serves. */
export interface ServedTool extends DefinedTool {
  /** Checks the arguments, calls the function and checks its result. @throws Error that says what does not fit, or what the function throws */
  run(values: unknown, context: ToolContext): Promise<unknown>
}

/**
 * Defines a tool once: the manifest is made from the Zod schemas (JSON Schema 2020-12), and a worker serves the
 * function. With `implementation` instead of `execute` the platform calls the tool over HTTP.
 * @throws Error when a schema has a type that JSON Schema does not have, such as a date
 * @example
 * const lookupOrder = tool({
 *   name: 'lookup-order', description: 'Finds an order by its number.', effect: 'read', risk: 1,
 *   input: z.object({ order: z.string() }),
 *   execute: ({ order }, { signal }) => orders.find(order, { signal }),
 * })
 */
export function tool<Input extends z.ZodObject, Output extends z.ZodType = z.ZodType>(
  definition: ToolDefinition<Input, Output>,
): ServedTool
export function tool<Input extends z.ZodObject, Output extends z.ZodType = z.ZodType>(
  definition: HttpToolDefinition<Input, Output>,
): DefinedTool
export function tool<Input extends z.ZodObject, Output extends z.ZodType>(
  definition: ToolDefinition<Input, Output> | HttpToolDefinition<Input, Output>,
): DefinedTool {
  if ('implementation' in definition) {
    const { implementation, ...base } = definition
    return { manifest: manifestOf(base, implementation) }
  }
  const { execute, ...base } = definition
  const { name, input, output } = base
  return {
    manifest: manifestOf(base, { type: 'worker' }),
    async run(values, context) {
      const checked = await fitting(input, values, `The arguments of ${name} do not fit`)
      const result: unknown = await execute(checked, context)
      return output ? fitting(output, result, `The result of ${name} does not fit`) : result
    },
  } as ServedTool
}

function manifestOf(
  { name, description, input, output, ...governance }: ToolBase<z.ZodObject, z.ZodType>,
  implementation: InputOf<'Tool'>['spec']['implementation'],
): InputOf<'Tool'> {
  const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): JsonSchema => {
    try {
      return JsonSchema.parse(z.toJSONSchema(schema, { io, target: 'draft-2020-12' }))
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new Error(`The ${io} of the tool ${name} cannot be written as JSON Schema: ${why}`, { cause })
    }
  }
  return {
    kind: 'Tool',
    name,
    spec: {
      description,
      input: schemaOf(input, 'input'),
      ...(output && { output: schemaOf(output, 'output') }),
      ...governance,
      implementation,
    },
  }
}

/** The value as the schema gives it. @throws Error that names each wrong place, without repeating what stands there */
async function fitting<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  what: string,
): Promise<z.output<Schema>> {
  const { success, data, error } = await schema.safeParseAsync(value)
  if (success) return data
  const places = explainIssues(schema, value, error.issues).map(
    ({ path, message }) => `${jsonPointer(path)} ${message}`,
  )
  throw new Error(`${what}: ${places.join('; ')}`)
}
