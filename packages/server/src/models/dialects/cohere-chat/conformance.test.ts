import { describe, expect, test } from 'vitest'
import { collectAnswer } from '../../answer-collector.ts'
import type { ModelEvent } from '../../model-event.ts'
import { expectMeaningKept, meaningOf, spokenByClients } from '../../testing/keeps-meaning.ts'
import { inPieces, recordings, streamBytes } from '../../testing/recordings.ts'
import { cohereChat } from './index.ts'

const cases = recordings('cohere', 'chat')
const whole = cases.filter(({ response }) => response.body !== undefined)
const streams = cases.filter(({ response }) => response.sse_text !== undefined)

interface ToolCall {
  function: { name: string; arguments: string }
}
interface Message {
  content?: { text?: string; thinking?: string }[]
  tool_plan?: string
  tool_calls?: ToolCall[]
  citations?: unknown[]
}

describe.skipIf(cases.length === 0)(
  `recorded answers of Cohere (none beside this repository: ${cases.length === 0})`,
  () => {
    test.each(whole)('$name loses nothing that a client reads [C1.conformance]', async ({ response }) => {
      const { message, usage } = response.body as {
        message: Message
        usage: { billed_units: { input_tokens: number; output_tokens: number } }
      }
      const events = cohereChat.readAnswer('cohere', response.body)
      const answer = collectAnswer(events)
      expect(meaningOf(answer)).toMatchObject({
        text: (message.content ?? []).map(({ text }) => text ?? '').join(''),
        calls: (message.tool_calls ?? []).map(({ function: { name, arguments: input } }) => ({
          tool: name,
          input: JSON.parse(input) ?? {},
        })),
        input: usage.billed_units.input_tokens,
        output: usage.billed_units.output_tokens,
      })
      expect(answer.content.map(part => (part.type === 'reasoning' ? part.text : '')).join('')).toBe(
        (message.tool_plan ?? '') + (message.content ?? []).map(({ thinking }) => thinking ?? '').join(''),
      )
      const cited = answer.content.flatMap(part => (part.type === 'text' ? (part.citations ?? []) : []))
      expect(cited.map(({ value }) => value)).toEqual(message.citations ?? [])
      for (const client of spokenByClients) await expectMeaningKept(client, events)
    })

    test.each(streams)('$name loses nothing that a client reads [C1.conformance]', async recording => {
      const events: ModelEvent[] = []
      for await (const event of cohereChat.readStream('cohere', inPieces(streamBytes(recording)))) events.push(event)
      const messages = [...(recording.response.sse_text ?? '').matchAll(/^data: (\{.*)$/gm)]
        .map(([, data]) => JSON.parse(data ?? '') as { delta?: { message?: Record<string, unknown> } })
        .map(({ delta }) => delta?.message ?? {})
      const pieces = (field: string, inner?: string): string =>
        messages
          .map(message => (inner ? (message[field] as Record<string, unknown> | undefined)?.[inner] : message[field]))
          .filter(value => typeof value === 'string')
          .join('')
      const answer = collectAnswer(events)
      expect(meaningOf(answer).text).toBe(pieces('content', 'text'))
      expect(answer.content.map(part => (part.type === 'reasoning' ? part.text : '')).join('')).toBe(
        pieces('tool_plan') + pieces('content', 'thinking'),
      )
      expect(answer.usageEstimated).toBe(false)
      for (const client of spokenByClients) await expectMeaningKept(client, events)
    })

    test('every recorded case is one of the above', () => {
      expect(whole.length + streams.length).toBe(17)
    })
  },
)
