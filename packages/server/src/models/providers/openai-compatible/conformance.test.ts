import { describe, expect, test } from 'vitest'
import { collectAnswer } from '../../answer-collector.ts'
import { textOf } from '../../content.ts'
import { openAiChat } from '../../dialects/openai-chat/index.ts'
import type { ModelEvent } from '../../model-event.ts'
import { expectMeaningKept, meaningOf, spokenByClients } from '../../testing/keeps-meaning.ts'
import { inPieces, recordings, streamBytes, type Recording } from '../../testing/recordings.ts'
import { readToolArguments } from '../../tool-arguments.ts'

/** All recorded chats with servers that speak OpenAI's dialect, and how many there are. */
const recorded = {
  alibaba: 3,
  'azure-openai': 5,
  'bedrock-mantle': 1,
  cerebras: 5,
  crusoe: 3,
  deepseek: 10,
  'gemini-openai-compat': 2,
  groq: 26,
  huggingface: 7,
  mistral: 24,
  moonshotai: 2,
  ollama: 2,
  openai: 97,
  'openai-compatible': 1,
  openrouter: 34,
  perplexity: 4,
  'snowflake-cortex': 6,
  together: 4,
  xai: 3,
  zai: 2,
}

/** Streams that end in an error, with what it says. */
const failing: Readonly<Record<string, string>> = {
  'agw-detect-broken-sse.json': 'could not be read',
  'pai-openrouter-stream-error.0.json': 'Token limit reached',
}

interface Message {
  content?: string | { type: string; text?: string }[] | null
  tool_calls?: { index?: number; id?: string; function: { name?: string; arguments?: string | object } }[] | null
  function_call?: { name?: string; arguments?: string } | null
  reasoning_content?: string | null
  reasoning?: string | null
}
interface Body {
  choices?: { index?: number; message?: Message; delta?: Message; finish_reason?: string | null }[]
  usage?: { prompt_tokens?: number; completion_tokens?: number } | null
  x_groq?: { usage?: { prompt_tokens?: number; completion_tokens?: number } }
}

const bodiesOf = ({ response }: Recording): Body[] =>
  response.sse_text === undefined
    ? [response.body as Body]
    : [...response.sse_text.matchAll(/^data: ?(\{.*)$/gm)].map(([, data]) => JSON.parse(data ?? '') as Body)

const textIn = (content: Message['content']): string =>
  typeof content === 'string'
    ? content
    : (content ?? []).map(part => (part.type === 'text' ? (part.text ?? '') : '')).join('')

async function eventsOf(recording: Recording): Promise<ModelEvent[]> {
  if (recording.response.sse_text === undefined) return openAiChat.readAnswer('p', recording.response.body)
  const events: ModelEvent[] = []
  for await (const event of openAiChat.readStream('p', inPieces(streamBytes(recording)))) events.push(event)
  return events
}

describe.each(Object.entries(recorded))('recorded chats with %s', (provider, count) => {
  const cases = recordings(provider, 'chat-completions')
  const good = cases.filter(({ response, name }) => response.status === 200 && !(name in failing))

  test.skipIf(cases.length === 0)(
    `there are ${count}, none of them left out (none beside this repository: ${cases.length === 0})`,
    () => {
      expect(cases).toHaveLength(count)
      for (const { name, response } of cases)
        expect(good.some(one => one.name === name) || response.status >= 400 || name in failing).toBe(true)
    },
  )

  test.each(cases.filter(({ name }) => name in failing))('$name is a failure and no answer', async recording => {
    await expect(eventsOf(recording)).rejects.toThrow(failing[recording.name])
  })

  test.each(good)('$name loses nothing that a client reads [C1.conformance]', async recording => {
    const bodies = bodiesOf(recording)
    const messages = bodies.flatMap(({ choices }) =>
      (choices ?? []).filter(({ index }) => (index ?? 0) === 0).map(({ message, delta }) => message ?? delta ?? {}),
    )
    const events = await eventsOf(recording)
    const answer = collectAnswer(events)
    const { calls } = meaningOf(answer)
    expect(textOf(answer.content)).toBe(messages.map(({ content }) => textIn(content)).join(''))
    const wireCalls = messages.flatMap(({ tool_calls: made, function_call: old }) => [
      ...(made ?? []),
      ...(old?.name ? [{ function: old }] : []),
    ])
    expect(calls.map(({ tool }) => tool)).toEqual(wireCalls.flatMap(({ function: { name } }) => (name ? [name] : [])))
    const argumentsIn = wireCalls
      .map(({ function: { arguments: input } }) => (typeof input === 'string' ? input : ''))
      .join('')
    expect(events.map(event => (event.type === 'tool-arguments' ? event.text : '')).join('')).toBe(argumentsIn)
    if (calls.length === 1) expect(calls[0]?.input).toEqual(readToolArguments(argumentsIn))
    const usage = bodies.map(body => body.usage ?? body.x_groq?.usage).findLast(Boolean)
    if (usage)
      expect(answer.usage).toMatchObject({
        inputTokens: usage.prompt_tokens ?? 0,
        outputTokens: usage.completion_tokens ?? 0,
      })
    const thoughts = messages.map(({ reasoning_content: content, reasoning }) => content || reasoning || '').join('')
    expect(answer.content.map(part => (part.type === 'reasoning' ? part.text : '')).join('')).toContain(thoughts)
    for (const client of spokenByClients) await expectMeaningKept(client, events)
  })
})
