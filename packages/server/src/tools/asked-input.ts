import type { JsonSchema, ToolAsks, ToolSpec } from '@causeway/contracts'

/** What a tool wants of its client before it goes on. Source: MCP, "Multi round-trip requests" (SEP-2322). */
export interface InputRequests {
  readonly [key: string]: { method: string; params?: Record<string, unknown> | undefined }
}

/**
 * The tool has not begun: it asks its client for more, and is called again with that. The words of the tool in it are a result like
 * others: looked into, labelled and kept.
 */
export class AskedInput {
  readonly requests: InputRequests
  /** What the tool wants to see again with the answers, under a signature of ours; it means something to the tool only. */
  readonly state: string | undefined
  constructor(requests: InputRequests, state: string | undefined) {
    this.requests = requests
    this.state = state
  }
}

const blockType = 'input-required'

/** The content of a result that asks for input. */
export const askingContent = ({ requests, state }: AskedInput): Record<string, unknown> => ({
  type: blockType,
  requests,
  ...(state !== undefined && { state }),
})

/** What a result asks for, where it does. */
export function askedIn(content: readonly Record<string, unknown>[] | undefined): AskedInput | undefined {
  const [first] = content ?? []
  if (first?.['type'] !== blockType) return undefined
  return new AskedInput(
    first['requests'] as InputRequests,
    typeof first['state'] === 'string' ? first['state'] : undefined,
  )
}

/** The arguments of ours with which a call is made again. They are decided on, traced and recorded as those of the tool are. */
export const inputArguments = { responses: 'mcp:inputResponses', state: 'mcp:requestState' } as const

/** Characters of the state of a tool under our signature. */
const stateAtMost = 256 * 1024

const extended = new WeakMap<JsonSchema, JsonSchema>()

type Asking = Pick<ToolSpec, 'input' | 'implementation'>

/** What a tool may ask its client for; undefined where that is nothing. */
export const asksOf = ({ implementation }: Pick<ToolSpec, 'implementation'>): ToolAsks | undefined =>
  'asks' in implementation ? implementation.asks : undefined

/** Whether a tool may ask its client for input. */
export const mayAsk = (spec: Pick<ToolSpec, 'implementation'>): boolean => asksOf(spec) !== undefined

/** The schema of all that a call may have: the arguments of the tool, and ours where it may ask. */
export function inputSchemaOf(spec: Asking): JsonSchema {
  const { input } = spec
  if (!mayAsk(spec)) return input
  const known = extended.get(input)
  if (known) return known
  const schema = {
    ...input,
    properties: {
      ...(input['properties'] as Record<string, unknown> | undefined),
      [inputArguments.responses]: { type: 'object', additionalProperties: { type: 'object' }, maxProperties: 20 },
      [inputArguments.state]: { type: 'string', maxLength: stateAtMost },
    },
  }
  extended.set(input, schema)
  return schema
}
