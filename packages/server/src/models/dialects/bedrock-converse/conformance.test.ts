import { describe, expect, test } from 'vitest'
import { collectAnswer } from '../../answer-collector.ts'
import type { ModelEvent } from '../../model-event.ts'
import { expectMeaningKept, meaningOf, spokenByClients } from '../../testing/keeps-meaning.ts'
import { inPieces, recordings, streamBytes, type Recording } from '../../testing/recordings.ts'
import { bedrockConverse } from './index.ts'

const whole = recordings('bedrock', 'converse')
const streams = recordings('bedrock', 'converse-stream')
const good = ({ response }: Recording): boolean => response.status === 200
/** Recorded as an example of bytes that are no event stream. */
const broken = 'agw-detect-bedrock-broken.json'

async function eventsOf(recording: Recording): Promise<ModelEvent[]> {
  const { body } = recording.response
  if (body !== undefined) return bedrockConverse.readAnswer('bedrock', body)
  const events: ModelEvent[] = []
  for await (const event of bedrockConverse.readStream('bedrock', inPieces(streamBytes(recording)))) events.push(event)
  return events
}

interface Block {
  text?: string
  toolUse?: { name: string; input: unknown; type?: string }
  reasoningContent?: { reasoningText?: { text: string; signature?: string } }
}
interface Body {
  output: { message: { content: Block[] } }
  usage?: { inputTokens: number; outputTokens: number; cacheReadInputTokens?: number; cacheWriteInputTokens?: number }
}

describe.skipIf(whole.length === 0)(
  `recorded answers of Converse (none beside this repository: ${whole.length === 0})`,
  () => {
    test.each(whole.filter(good))('$name loses nothing that a client reads [C1.conformance]', async recording => {
      const { output, usage } = recording.response.body as Body
      const { content } = output.message
      const events = await eventsOf(recording)
      const answer = collectAnswer(events)
      expect(meaningOf(answer)).toMatchObject({
        text: content.map(({ text }) => text ?? '').join(''),
        calls: content
          .flatMap(({ toolUse }) => (toolUse && toolUse.type !== 'server_tool_use' ? [toolUse] : []))
          .map(({ name, input }) => ({ tool: name, input })),
      })
      if (usage)
        expect(answer.usage.inputTokens).toBe(
          usage.inputTokens + (usage.cacheReadInputTokens ?? 0) + (usage.cacheWriteInputTokens ?? 0),
        )
      const thoughts = content.flatMap(({ reasoningContent }) => reasoningContent?.reasoningText ?? [])
      expect(answer.content.filter(part => part.type === 'reasoning')).toMatchObject(
        thoughts.map(({ text, signature }) => ({ text, ...(signature && { state: { value: signature } }) })),
      )
      for (const client of spokenByClients) await expectMeaningKept(client, events)
    })

    test('every recorded case is one of the above or an error', () => {
      expect(whole.filter(good)).toHaveLength(51)
      expect(whole.filter(recording => !good(recording))).toHaveLength(8)
    })
  },
)

interface Payload {
  delta?: { text?: string; toolUse?: { input: string }; reasoningContent?: { text?: string; signature?: string } }
  start?: { toolUse?: { name: string } }
  stopReason?: string
  usage?: { inputTokens: number; outputTokens: number }
}

describe.skipIf(streams.length === 0)(
  `recorded streams of ConverseStream (none beside this repository: ${streams.length === 0})`,
  () => {
    const readable = streams.filter(recording => good(recording) && recording.name !== broken)

    test.each(readable)('$name loses nothing that a client reads [C1.conformance]', async recording => {
      const payloads = (recording.response.events ?? []).map(({ payload }) => payload as Payload)
      const events = await eventsOf(recording)
      const answer = collectAnswer(events)
      const { text, calls } = meaningOf(answer)
      expect(text).toBe(payloads.map(({ delta }) => delta?.text ?? '').join(''))
      expect(calls.map(({ tool }) => tool)).toEqual(payloads.flatMap(({ start }) => start?.toolUse?.name ?? []))
      expect(events.map(event => (event.type === 'tool-arguments' ? event.text : '')).join('')).toBe(
        payloads.map(({ delta }) => delta?.toolUse?.input ?? '').join(''),
      )
      expect(answer.content.map(part => (part.type === 'reasoning' ? part.text : '')).join('')).toBe(
        payloads.map(({ delta }) => delta?.reasoningContent?.text ?? '').join(''),
      )
      expect(answer.content.flatMap(part => (part.type === 'reasoning' ? (part.state?.value ?? []) : []))).toEqual(
        payloads.flatMap(({ delta }) => delta?.reasoningContent?.signature ?? []),
      )
      expect(answer.finishReason).toBeDefined()
      const usage = payloads.find(payload => payload.usage)?.usage
      if (usage)
        expect(answer.usage).toMatchObject({ outputTokens: usage.outputTokens, inputTokens: usage.inputTokens })
      for (const client of spokenByClients) await expectMeaningKept(client, events)
    })

    test('bytes that are no event stream never look like a whole answer', async () => {
      const recording = streams.find(({ name }) => name === broken)
      const events = recording ? await eventsOf(recording) : []
      expect(events.some(({ type }) => type === 'finished')).toBe(false)
    })

    test('every recorded case is one of the above or an error', () => {
      expect(readable).toHaveLength(21)
      expect(streams).toHaveLength(23)
    })
  },
)
