import { describe, expect, test } from 'vitest'
import { collectAnswer } from '../../answer-collector.ts'
import { textOf } from '../../content.ts'
import type { ModelEvent } from '../../model-event.ts'
import { expectMeaningKept, meaningOf, spokenByClients } from '../../testing/keeps-meaning.ts'
import { inPieces, recordings, streamBytes, type Recording } from '../../testing/recordings.ts'
import { openAiResponses } from '../openai-responses/index.ts'
import { gemini } from './index.ts'

const both = (endpoint: string): Recording[] => [...recordings('gemini', endpoint), ...recordings('vertex', endpoint)]
const whole = both('generateContent')
const streams = both('streamGenerateContent')
const good = ({ response }: Recording): boolean => response.status === 200
const clients = [...new Set([...spokenByClients, openAiResponses])]

interface Part {
  text?: string
  thought?: boolean
  thoughtSignature?: string
  functionCall?: { name?: string; args?: Record<string, unknown>; id?: string; partialArgs?: PartialArgument[] }
  inlineData?: { data: string }
}
interface PartialArgument {
  jsonPath: string
  stringValue?: string
  numberValue?: number
  willContinue?: boolean
}
interface Body {
  candidates?: {
    content?: { parts?: Part[] }
    finishReason?: string | number
    groundingMetadata?: { groundingChunks?: unknown[] }
  }[]
  promptFeedback?: { blockReason: string }
  usageMetadata?: Record<string, number>
}

const partsOf = (bodies: readonly Body[]): Part[] => bodies.flatMap(body => body.candidates?.[0]?.content?.parts ?? [])

/** What a client of Google's reads in the bodies, taken from them by other code than the dialect's. */
function expectEverythingIn(bodies: readonly Body[], events: readonly ModelEvent[]): void {
  const parts = partsOf(bodies)
  const answer = collectAnswer(events)
  expect(textOf(answer.content)).toBe(parts.map(part => (part.thought ? '' : (part.text ?? ''))).join(''))
  const thoughts = answer.content.map(part => (part.type === 'reasoning' ? part.text : '')).join('')
  expect(thoughts).toBe(parts.map(part => (part.thought ? (part.text ?? '') : '')).join(''))

  const signatures = answer.content.flatMap(part => {
    if ('state' in part && part.state) return [part.state.value]
    if (part.type !== 'foreign') return []
    return (part.value as { part?: Part }).part?.thoughtSignature ?? []
  })
  expect(signatures).toEqual(parts.flatMap(({ thoughtSignature }) => thoughtSignature ?? []))
  expect(answer.content.filter(({ type }) => type === 'media')).toHaveLength(
    parts.filter(({ inlineData, thought }) => inlineData && !thought).length,
  )

  const chunks = bodies.flatMap(body => body.candidates?.[0]?.groundingMetadata?.groundingChunks ?? [])
  const cited = answer.content.flatMap(part => (part.type === 'text' ? (part.citations ?? []) : []))
  expect(cited.map(({ value }) => value)).toEqual(chunks)

  const usage = bodies.findLast(
    ({ usageMetadata: told }) => told?.['candidatesTokenCount'] ?? told?.['promptTokenCount'],
  )?.usageMetadata
  // The counts of each answer add up to the total that Google states.
  if (usage?.['totalTokenCount'])
    expect(answer.usage.inputTokens + answer.usage.outputTokens).toBe(usage['totalTokenCount'])
  expect(answer.usage.cachedInputTokens).toBe(usage?.['cachedContentTokenCount'] ?? 0)
  expect(answer.usage.reasoningTokens).toBe(usage?.['thoughtsTokenCount'] ?? 0)
}

const finishes: Record<string, string> = { MAX_TOKENS: 'length', SAFETY: 'content-filter' }

function expectFinish(bodies: readonly Body[], events: readonly ModelEvent[]): void {
  const wire = bodies.flatMap(body => body.candidates?.[0]?.finishReason ?? []).at(-1)
  const calls = partsOf(bodies).some(({ functionCall }) => functionCall)
  const blocked = bodies.some(({ promptFeedback }) => promptFeedback)
  const expected = blocked ? 'content-filter' : (finishes[String(wire)] ?? (calls ? 'tool-calls' : 'stop'))
  expect(events.at(-1)).toEqual({ type: 'finished', reason: expected })
}

describe.skipIf(whole.length === 0)(
  `recorded answers of Gemini and Vertex AI (none beside this repository: ${whole.length === 0})`,
  () => {
    test.each(whole.filter(good))('$name loses nothing that a client reads [C1.conformance]', async recording => {
      const body = recording.response.body as Body
      const events = gemini.readAnswer('gemini', body)
      expectEverythingIn([body], events)
      expectFinish([body], events)
      const calls = partsOf([body]).flatMap(({ functionCall }) => functionCall ?? [])
      expect(meaningOf(collectAnswer(events)).calls).toEqual(
        calls.map(({ name, args }) => ({ tool: name, input: args ?? {} })),
      )
      for (const client of clients) await expectMeaningKept(client, events)
    })

    test.each(whole.filter(good))('$name is billed alike when it is relayed unread', ({ response }) => {
      const answer = collectAnswer(gemini.readAnswer('gemini', response.body))
      const use = gemini.relay.useOf(Buffer.from(JSON.stringify(response.body)))
      expect(use.finishReason).toBe(answer.finishReason)
      expect(use.usage).toEqual(answer.usageEstimated ? undefined : answer.usage)
    })

    test('every recorded case is one of the above or an error', () => {
      expect(whole.filter(good)).toHaveLength(76 + 26)
      expect(whole).toHaveLength(81 + 30)
    })
  },
)

const bodiesOf = ({ response }: Recording): Body[] =>
  [...(response.sse_text ?? '').matchAll(/^data: ?(\{.*)$/gm)].map(([, data]) => JSON.parse(data ?? '') as Body)

describe.skipIf(streams.length === 0)(
  `recorded streams of Gemini and Vertex AI (none beside this repository: ${streams.length === 0})`,
  () => {
    test.each(streams)('$name loses nothing that a client reads [C1.conformance]', async recording => {
      const events: ModelEvent[] = []
      for await (const event of gemini.readStream('gemini', inPieces(streamBytes(recording)))) events.push(event)
      const bodies = bodiesOf(recording)
      expectEverythingIn(bodies, events)
      expectFinish(bodies, events)
      const calls = partsOf(bodies).flatMap(({ functionCall }) => (functionCall?.name ? [functionCall] : []))
      const read = meaningOf(collectAnswer(events)).calls
      expect(read.map(({ tool }) => tool)).toEqual(calls.map(({ name }) => name))
      const pieces = partsOf(bodies).flatMap(({ functionCall }) => functionCall?.partialArgs ?? [])
      if (pieces.length === 0) expect(read.map(({ input }) => input)).toEqual(calls.map(({ args }) => args ?? {}))
      // Every text and number of a streamed argument is somewhere in the arguments that were put together.
      else expect(sorted(leavesOf(read.map(({ input }) => input)))).toEqual(sorted(leavesIn(pieces)))
      for (const client of clients) await expectMeaningKept(client, events)
    })

    test.each(streams)('$name is billed alike when it is relayed unread', async recording => {
      const events: ModelEvent[] = []
      for await (const event of gemini.readStream('gemini', inPieces(streamBytes(recording)))) events.push(event)
      const answer = collectAnswer(events)
      const watch = gemini.relay.watch({ hideUsage: false })
      const blocks = (recording.response.sse_text ?? '').split(/(?<=\r?\n\r?\n)/).map(block => Buffer.from(block))
      const passed = blocks.map(block => watch.pass(block))
      expect(Buffer.concat(passed).toString()).toBe(recording.response.sse_text)
      expect(watch.seen).toMatchObject({ content: true, error: undefined, finishReason: answer.finishReason })
      expect(watch.seen.usage).toEqual(answer.usageEstimated ? undefined : answer.usage)
    })

    test.each(streams)('$name is the same as elements of one array', async recording => {
      const array = `[${bodiesOf(recording)
        .map(body => JSON.stringify(body, undefined, 2))
        .join(',\r\n')}\n]`
      const read = async (bytes: Buffer): Promise<ModelEvent[]> => {
        const events: ModelEvent[] = []
        for await (const event of gemini.readStream('gemini', inPieces(bytes, 97))) events.push(event)
        return events
      }
      expect(await read(Buffer.from(array))).toEqual(await read(streamBytes(recording)))
    })

    test('every recorded case is one of the above', () => {
      expect(streams.filter(good)).toHaveLength(21 + 4)
    })
  },
)

const sorted = (values: readonly unknown[]): string[] =>
  values.map(String).toSorted((one, other) => one.localeCompare(other))

const leavesOf = (value: unknown): unknown[] =>
  typeof value === 'object' && value !== null ? Object.values(value).flatMap(leavesOf) : [value]

/** A text goes on until a piece of it says that it does not. */
function leavesIn(pieces: readonly PartialArgument[]): unknown[] {
  const leaves: unknown[] = []
  let open = ''
  for (const { stringValue, numberValue, willContinue } of pieces) {
    if (numberValue !== undefined) leaves.push(numberValue)
    open += stringValue ?? ''
    if (stringValue === undefined || willContinue) continue
    leaves.push(open)
    open = ''
  }
  return leaves
}
