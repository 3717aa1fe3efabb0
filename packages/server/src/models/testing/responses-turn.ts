import type { SpokenTurn } from './speaking-upstream.ts'

interface WireEvent {
  type: string
  [field: string]: unknown
}

const response = {
  id: 'resp_1',
  object: 'response',
  created_at: 1_790_000_000,
  background: false,
  error: null,
  incomplete_details: null,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  model: 'upstream-model',
  parallel_tool_calls: true,
  previous_response_id: null,
  prompt_cache_key: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  service_tier: 'default',
  store: false,
  temperature: 1,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
  truncation: 'disabled',
  user: null,
  metadata: {},
}
const usage = {
  input_tokens: 20,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 7,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 27,
}

/** A turn as the Responses API of OpenAI gives it, whole and as a stream. */
export function responsesTurn(turn: SpokenTurn): { whole: object; events: WireEvent[] } {
  const output = [
    ...(turn.text === undefined ? [] : [messageOf(turn.text)]),
    ...(turn.calls ?? []).map(({ id, name, arguments: given }) => ({
      type: 'function_call' as const,
      id: `fc_${id}`,
      call_id: id,
      name,
      arguments: given,
      status: 'completed',
    })),
  ]
  const begun = { ...response, status: 'in_progress', completed_at: null, output: [], usage: null }
  const whole = { ...response, status: 'completed', completed_at: 1_790_000_001, output, usage }
  const events: WireEvent[] = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    ...output.flatMap((item, index) =>
      item.type === 'message' ? messageEvents(item, index) : callEvents(item, index),
    ),
    { type: 'response.completed', response: whole },
  ]
  return { whole, events: events.map((event, number) => ({ ...event, sequence_number: number })) }
}

const messageOf = (text: string) => ({
  type: 'message' as const,
  id: 'msg_1',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text' as const, text, annotations: [], logprobs: [] }],
})

function messageEvents(item: ReturnType<typeof messageOf>, index: number): WireEvent[] {
  const [part] = item.content
  const text = part?.text ?? ''
  const at = { item_id: item.id, output_index: index, content_index: 0 }
  return [
    {
      type: 'response.output_item.added',
      output_index: index,
      item: { ...item, status: 'in_progress', content: [] },
    },
    { type: 'response.content_part.added', ...at, part: { ...part, text: '' } },
    ...(text.match(/.{1,8}/gsu) ?? []).map(delta => ({
      type: 'response.output_text.delta',
      ...at,
      delta,
      logprobs: [],
    })),
    { type: 'response.output_text.done', ...at, text, logprobs: [] },
    { type: 'response.content_part.done', ...at, part },
    { type: 'response.output_item.done', output_index: index, item },
  ]
}

function callEvents(item: { id: string; arguments: string }, index: number): WireEvent[] {
  const at = { item_id: item.id, output_index: index }
  return [
    {
      type: 'response.output_item.added',
      output_index: index,
      item: { ...item, arguments: '', status: 'in_progress' },
    },
    { type: 'response.function_call_arguments.delta', ...at, delta: item.arguments },
    { type: 'response.function_call_arguments.done', ...at, arguments: item.arguments },
    { type: 'response.output_item.done', output_index: index, item },
  ]
}
