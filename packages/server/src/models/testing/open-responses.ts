import * as z from 'zod'

// What the compliance suite of Open Responses requires of a response and of the events of a stream, for the kinds that
// its base cases bring forth. Source: https://www.openresponses.org/reference

const index = z.int().min(0)
const tokens = z.int().min(0)
const nullable = <Value extends z.ZodType>(value: Value) => z.union([value, z.null()])

const OutputText = z.object({
  type: z.literal('output_text'),
  text: z.string(),
  annotations: z.array(z.unknown()),
  logprobs: z.array(z.unknown()),
})
const Status = z.enum(['in_progress', 'completed', 'incomplete'])
const Item = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('message'),
    id: z.string(),
    status: Status,
    role: z.literal('assistant'),
    content: z.array(OutputText),
  }),
  z.object({
    type: z.literal('function_call'),
    id: z.string(),
    call_id: z.string(),
    name: z.string(),
    arguments: z.string(),
    status: Status,
  }),
])

export const ResponseResource = z.object({
  id: z.string(),
  object: z.literal('response'),
  created_at: z.int(),
  completed_at: nullable(z.int()),
  status: z.string(),
  incomplete_details: nullable(z.object({ reason: z.string() })),
  model: z.string(),
  previous_response_id: nullable(z.string()),
  instructions: nullable(z.union([z.string(), z.array(z.unknown())])),
  output: z.array(Item),
  error: nullable(z.object({ code: z.string(), message: z.string() })),
  tools: z.array(
    z.object({
      type: z.literal('function'),
      name: z.string(),
      description: nullable(z.string()),
      parameters: nullable(z.record(z.string(), z.unknown())),
      strict: nullable(z.boolean()),
    }),
  ),
  tool_choice: z.enum(['none', 'auto', 'required']),
  truncation: z.enum(['auto', 'disabled']),
  parallel_tool_calls: z.boolean(),
  text: z.object({ format: z.object({ type: z.string() }) }),
  top_p: z.number(),
  presence_penalty: z.number(),
  frequency_penalty: z.number(),
  top_logprobs: z.int(),
  temperature: z.number(),
  reasoning: nullable(z.object({ effort: nullable(z.string()), summary: nullable(z.string()) })),
  user: nullable(z.string()),
  usage: nullable(
    z.object({
      input_tokens: tokens,
      input_tokens_details: z.object({ cached_tokens: tokens }),
      output_tokens: tokens,
      output_tokens_details: z.object({ reasoning_tokens: tokens }),
      total_tokens: tokens,
    }),
  ),
  max_output_tokens: nullable(z.int()),
  max_tool_calls: nullable(z.int()),
  store: z.boolean(),
  background: z.boolean(),
  service_tier: z.string(),
  metadata: z.record(z.string(), z.string()),
  safety_identifier: nullable(z.string()),
  prompt_cache_key: nullable(z.string()),
})
export type ResponseResource = z.infer<typeof ResponseResource>

const numbered = { sequence_number: index }
const ofItem = { ...numbered, item_id: z.string(), output_index: index }
const ofPart = { ...ofItem, content_index: index }

const StreamEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('response.created'), ...numbered, response: ResponseResource }),
  z.object({ type: z.literal('response.in_progress'), ...numbered, response: ResponseResource }),
  z.object({ type: z.literal('response.completed'), ...numbered, response: ResponseResource }),
  z.object({ type: z.literal('response.output_item.added'), ...numbered, output_index: index, item: Item }),
  z.object({ type: z.literal('response.output_item.done'), ...numbered, output_index: index, item: Item }),
  z.object({ type: z.literal('response.content_part.added'), ...ofPart, part: OutputText }),
  z.object({ type: z.literal('response.content_part.done'), ...ofPart, part: OutputText }),
  z.object({
    type: z.literal('response.output_text.delta'),
    ...ofPart,
    delta: z.string(),
    logprobs: z.array(z.unknown()),
  }),
  z.object({
    type: z.literal('response.output_text.done'),
    ...ofPart,
    text: z.string(),
    logprobs: z.array(z.unknown()),
  }),
  z.object({ type: z.literal('response.function_call_arguments.delta'), ...ofItem, delta: z.string() }),
  z.object({ type: z.literal('response.function_call_arguments.done'), ...ofItem, arguments: z.string() }),
])
type StreamEvent = z.infer<typeof StreamEvent>

/** The order of the kinds of events of one item. */
const grammar = {
  message:
    /^output_item\.added(?: content_part\.added(?: output_text\.delta)* output_text\.done content_part\.done)+ output_item\.done$/,
  function_call:
    /^output_item\.added(?: function_call_arguments\.delta)+ function_call_arguments\.done output_item\.done$/,
}

/**
 * Reads a stream of events: each of them, their numbers and order, and that what came in pieces is what is there in the end.
 * @returns the response of the last event
 * @throws Error that says what is wrong
 */
export function readOpenResponsesStream(events: readonly unknown[]): ResponseResource {
  const read = events.map(event => StreamEvent.parse(event))
  require(read.every(({ sequence_number: number }, place) => number === place), 'the events are not numbered from 0')
  const kinds = read.map(({ type }) => type)
  require(kinds[0] === 'response.created' && kinds[1] === 'response.in_progress', 'the stream begins otherwise')
  const last = read.at(-1)
  if (last?.type !== 'response.completed') throw new Error('the stream does not end with response.completed')
  const middle = read.slice(2, -1)
  const placeOf = (event: StreamEvent): number => ('output_index' in event ? event.output_index : -1)
  last.response.output.forEach((item, place) => {
    const own = middle.filter(event => placeOf(event) === place)
    const order = own.map(({ type }) => type.replace('response.', '')).join(' ')
    require(grammar[item.type].test(order), `the events of item ${place} come as: ${order}`)
    require(own.every(event => !('item_id' in event) || event.item_id === item.id), `item ${place} changes its id`)
    const pieces = own.map(event => ('delta' in event ? event.delta : '')).join('')
    const whole = item.type === 'message' ? item.content.map(({ text }) => text).join('') : item.arguments
    require(pieces === whole, `the pieces of item ${place} are not its whole`)
  })
  require(middle.every(
    event => last.response.output[placeOf(event)],
  ), 'there are events of an item that is not put out')
  return last.response
}

function require(holds: boolean | undefined, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}
