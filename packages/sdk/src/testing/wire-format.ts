import type { ScriptedTurn } from './scripted-turn.ts'

/** The parts of an answer in the wire format of OpenAI chat completions (API reference, "Chat"). */
export interface WireAnswer {
  id: string
  model: string
  turn: ScriptedTurn
}

const finishReason = ({ toolCalls, finishReason: told }: ScriptedTurn): string =>
  told ?? (toolCalls?.length ? 'tool_calls' : 'stop')

/** The answer as one object. */
export const completionOf = ({ id, model, turn }: WireAnswer): object => ({
  id,
  object: 'chat.completion',
  created: 0,
  model,
  choices: [
    {
      index: 0,
      finish_reason: finishReason(turn),
      logprobs: null,
      message: {
        role: 'assistant',
        content: turn.text ?? null,
        refusal: null,
        ...(turn.toolCalls?.length && { tool_calls: wireCalls(turn, id) }),
      },
    },
  ],
  usage: usageOf(turn),
})

/** The answer as the pieces of a stream: its text by words, then the arguments of each tool call in two parts after its name. */
export function chunksOf({ id, model, turn }: WireAnswer, includeUsage: boolean): { text: object[]; rest: object[] } {
  const chunk = (choices: object[], usage: object | null = null): object => ({
    id,
    object: 'chat.completion.chunk',
    created: 0,
    model,
    choices,
    ...(includeUsage && { usage }),
  })
  const delta = (value: object, reason: string | null = null): object =>
    chunk([{ index: 0, delta: value, logprobs: null, finish_reason: reason }])
  const callParts = wireCalls(turn, id).flatMap(({ id: callId, type, function: { name, arguments: text } }, index) => {
    const middle = Math.ceil(text.length / 2)
    const parts = [text.slice(0, middle), text.slice(middle)].filter(part => part !== '')
    return [
      delta({ tool_calls: [{ index, id: callId, type, function: { name, arguments: '' } }] }),
      ...parts.map(part => delta({ tool_calls: [{ index, function: { arguments: part } }] })),
    ]
  })
  const words = (turn.text ?? '').match(/\S+\s*|\s+/g) ?? []
  return {
    text: [delta({ role: 'assistant', content: '', refusal: null }), ...words.map(content => delta({ content }))],
    rest: [...callParts, delta({}, finishReason(turn)), ...(includeUsage ? [chunk([], usageOf(turn))] : [])],
  }
}

interface WireCall {
  id: string
  type: 'function'
  function: { name: string; arguments: string }
}

const wireCalls = ({ toolCalls = [] }: ScriptedTurn, id: string): WireCall[] =>
  toolCalls.map(({ name, arguments: values }, index) => ({
    id: `call_${id}_${index}`,
    type: 'function',
    function: { name, arguments: typeof values === 'string' ? values : JSON.stringify(values) },
  }))

function usageOf({ usage = { inputTokens: 10, outputTokens: 5 } }: ScriptedTurn): object {
  const { inputTokens, outputTokens } = usage
  return { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: inputTokens + outputTokens }
}
