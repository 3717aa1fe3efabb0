import { JsonSchema, type ManifestInput, type ToolSpec } from '@causeway/contracts'
import * as z from 'zod'

type InputOf<Kind extends ManifestInput['kind']> = Extract<ManifestInput, { kind: Kind }>
type Definition<Kind extends ManifestInput['kind']> = { name: string; description?: string } & InputOf<Kind>['spec']

function manifest<Kind extends ManifestInput['kind']>(
  kind: Kind,
  { name, description, ...spec }: Definition<Kind>,
): InputOf<Kind> {
  return { kind, name, ...(description !== undefined && { description }), spec } as unknown as InputOf<Kind>
}

/** An Agent manifest. */
export const agent = (definition: Definition<'Agent'>): InputOf<'Agent'> => manifest('Agent', definition)

/** A Route manifest. */
export const route = (definition: Definition<'Route'>): InputOf<'Route'> => manifest('Route', definition)

/** A Provider manifest. */
export const provider = (definition: Definition<'Provider'>): InputOf<'Provider'> => manifest('Provider', definition)

/** A Policy manifest. */
export const policy = (definition: Definition<'Policy'>): InputOf<'Policy'> => manifest('Policy', definition)

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

/** A tool as a team writes it: schemas, how it is governed, and the function that a worker serves. */
export interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodType> extends Governance {
  name: string
  description: string
  input: Input
  output?: Output
  execute: (values: z.output<Input>, context: ToolContext) => Promise<z.input<Output>> | z.input<Output>
}

/** A tool that a worker serves, with its manifest. */
export interface ServedTool {
  readonly manifest: InputOf<'Tool'>
  /** Checks the arguments and calls the function. @throws ZodError when the arguments do not fit */
  run(values: unknown, context: ToolContext): Promise<unknown>
}

/**
 * Defines a tool once: the manifest is made from the Zod schemas (JSON Schema 2020-12), and a worker serves the function.
 * @example
 * const lookupOrder = tool({
 *   name: 'lookup-order', description: 'Finds an order by its number.', effect: 'read', risk: 1,
 *   input: z.object({ order: z.string() }),
 *   execute: ({ order }) => orders.get(order),
 * })
 */
export function tool<Input extends z.ZodObject, Output extends z.ZodType = z.ZodType>(
  definition: ToolDefinition<Input, Output>,
): ServedTool {
  const { name, description, input, output, execute, ...governance } = definition
  const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): JsonSchema =>
    JsonSchema.parse(z.toJSONSchema(schema, { io, target: 'draft-2020-12' }))
  const spec: InputOf<'Tool'>['spec'] = {
    description,
    input: schemaOf(input, 'input'),
    ...(output && { output: schemaOf(output, 'output') }),
    ...governance,
    implementation: { type: 'worker' },
  }
  return {
    manifest: { kind: 'Tool', name, spec },
    async run(values, context) {
      const result: unknown = await execute(input.parse(values), context)
      return output ? output.parse(result) : result
    },
  }
}
