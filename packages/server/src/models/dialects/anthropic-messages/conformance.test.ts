import { describe, expect, test } from 'vitest'
import { collectAnswer, type CollectedAnswer } from '../../answer-collector.ts'
import { textOf } from '../../content.ts'
import type { ModelRequest } from '../../model-request.ts'
import type { ModelEvent } from '../../model-event.ts'
import { expectMeaningKept, spokenByClients } from '../../testing/keeps-meaning.ts'
import { inPieces, recordings, streamBytes, type Recording } from '../../testing/recordings.ts'
import { anthropicMessages } from './index.ts'

const recorded = recordings('anthropic', 'messages')
const answered = recorded.filter(({ response }) => response.status === 200)
/** The answers of several calls in one file: not the wire format of one. */
const joined = (recording: Recording): boolean =>
  (recording.response.sse_text ?? '').split('event: message_start').length > 2
const failing = ({ response }: Recording): boolean => (response.sse_text ?? '').includes('event: error')
const single = answered.filter(recording => !joined(recording))
const readable = single.filter(recording => !failing(recording))

async function eventsOf(recording: Recording): Promise<ModelEvent[]> {
  const { body } = recording.response
  if (body !== undefined) return anthropicMessages.readAnswer('anthropic', body)
  const events: ModelEvent[] = []
  for await (const event of anthropicMessages.readStream('anthropic', inPieces(streamBytes(recording))))
    events.push(event)
  return events
}

/** What the client would have of an answer, whether it came whole or as a stream. */
const rewritten = (answer: CollectedAnswer): Record<string, unknown> =>
  anthropicMessages.writeAnswer({ requestId: 'r', created: 0, model: answer.model ?? '', request: {} }, answer)

interface Message {
  content: Record<string, unknown>[]
  stop_reason: string | null
  stop_sequence?: string | null
  usage: Record<string, number>
}

const countedTokens = ({ usage }: Pick<Message, 'usage'>) => ({
  input_tokens: usage['input_tokens'] ?? 0,
  output_tokens: usage['output_tokens'] ?? 0,
  cache_read_input_tokens: usage['cache_read_input_tokens'] ?? 0,
  cache_creation_input_tokens: usage['cache_creation_input_tokens'] ?? 0,
})

/** Fields that are absent, null or empty mean the same. */
const said = (block: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(block).filter(
      ([key, value]) => value !== null && !(Array.isArray(value) && value.length === 0) && key !== 'caller',
    ),
  )

/** What stands as a system message inside of the conversation moves to its begin, and what is blank is left out. */
function meant(request: ModelRequest) {
  const { messages, reasoning, ...rest } = request
  const system = messages.filter(({ role }) => role === 'system')
  const spoken = messages
    .filter(({ role }) => role !== 'system')
    .map(message => ({ ...message, content: message.content.filter(part => part.type !== 'text' || part.text.trim()) }))
  const instructions = system.flatMap(({ content }) => content.map(part => textOf([part]))).filter(text => text.trim())
  return {
    ...rest,
    effort: reasoning?.effort,
    budget: reasoning?.budgetTokens,
    instructions: instructions.join('\n\n'),
    spoken,
  }
}

describe.skipIf(recorded.length === 0)(
  `recorded messages (none beside this repository: ${recorded.length === 0})`,
  () => {
    const whole = readable.filter(({ response }) => response.body !== undefined)
    const streams = readable.filter(({ response }) => response.sse_text !== undefined)

    test.each(whole)('$name comes back as it was [C1.conformance]', async recording => {
      const body = recording.response.body as Message
      const events = await eventsOf(recording)
      const written = rewritten(collectAnswer(events)) as unknown as Message
      const spoken = body.content.filter(block => block['type'] !== 'text' || block['text'] !== '')
      expect(written.content.map(said)).toEqual(spoken.map(said))
      if (body.stop_reason) expect(written).toMatchObject({ stop_reason: body.stop_reason })
      expect(written.usage).toEqual(countedTokens(body))
      for (const client of spokenByClients) await expectMeaningKept(client, events)
    })

    test.each(streams)('$name comes back as it was, streamed [C1.conformance]', async recording => {
      const events = await eventsOf(recording)
      const answer = collectAnswer(events)
      const writer = anthropicMessages.writeStream({
        requestId: 'r',
        created: 0,
        model: answer.model ?? '',
        request: {},
      })
      const text = [writer.begin(), ...events.map(event => writer.write(event)), writer.end(answer)].join('')
      const again: ModelEvent[] = []
      for await (const event of anthropicMessages.readStream('anthropic', inPieces(Buffer.from(text))))
        again.push(event)
      const { id: _, ...before } = answer
      const { id: __, ...after } = collectAnswer(again)
      expect({ ...after, billing: before.billing }).toEqual(before)
      expect(answer.finishReason).toBeDefined()
      const sent = (recording.response.sse_text ?? '')
        .split('\n')
        .filter(line => line.startsWith('data:'))
        .map((line): { type: string; delta?: Record<string, unknown>; usage?: Record<string, number> } =>
          JSON.parse(line.slice(5)),
        )
      expect(answer.content.map(part => (part.type === 'text' ? part.text : '')).join('')).toBe(
        sent.map(({ delta }) => (delta?.['type'] === 'text_delta' ? delta['text'] : '')).join(''),
      )
      expect(answer.usage.outputTokens).toBe(
        sent.findLast(({ type }) => type === 'message_delta')?.usage?.['output_tokens'],
      )
      for (const client of spokenByClients) await expectMeaningKept(client, events)
    })

    test('an error inside a stream is thrown with its words', async () => {
      const broken = single.filter(failing)
      expect(broken.length).toBeGreaterThan(0)
      for (const recording of broken)
        await expect(eventsOf(recording)).rejects.toThrow(/reported an error in its stream/)
    })

    test('every recorded case is one of the above, an error, or several answers in one file', () => {
      expect(whole.length + streams.length + single.filter(failing).length).toBe(single.length)
      expect({ recorded: recorded.length, answered: answered.length, single: single.length }).toMatchInlineSnapshot(`
        {
          "answered": 150,
          "recorded": 158,
          "single": 148,
        }
      `)
    })

    test.each(recorded.filter(({ request }) => request?.body))(
      'the request of $name is sent on with all that it says [C1.conformance]',
      ({ request }) => {
        const body = request?.body as Record<string, unknown>
        const read = anthropicMessages.readRequest(Buffer.from(JSON.stringify(body)), {})
        const { body: written } = anthropicMessages.writeRequest(read, { model: String(body['model']), stream: false })
        const again = anthropicMessages.readRequest(Buffer.from(JSON.stringify(written)), {})
        expect(meant(again)).toEqual(meant(read))
      },
    )
  },
)
