import { expect } from 'vitest'
import { collectAnswer, type CollectedAnswer } from '../answer-collector.ts'
import { toolCallsOf } from '../content.ts'
import type { ClientDialect, UpstreamDialect } from '../dialects/dialect.ts'
import { anthropicMessages } from '../dialects/anthropic-messages/index.ts'
import { gemini } from '../dialects/gemini/index.ts'
import { openAiChat } from '../dialects/openai-chat/index.ts'
import type { ModelEvent } from '../model-event.ts'
import type { FinishReason } from '../model-response.ts'

/** Every dialect that clients speak; each can be read back, because providers speak it too. */
export const spokenByClients: readonly (ClientDialect & UpstreamDialect)[] = [openAiChat, anthropicMessages, gemini]

/** What no translation may lose. */
export const meaningOf = (answer: CollectedAnswer) => ({
  // A dialect without a field for refusals says them in its text.
  text: answer.content.map(part => (part.type === 'text' || part.type === 'refusal' ? part.text : '')).join(''),
  calls: toolCallsOf(answer.content).map(({ tool, arguments: input }) => ({ tool, input })),
  input: answer.usage.inputTokens,
  output: answer.usage.outputTokens,
  finish: answer.finishReason && plainer[answer.finishReason],
})

/** Dialects without a word of their own for these ends call them ordinary ones. */
const plainer: Readonly<Record<FinishReason, string>> = {
  stop: 'end',
  'stop-sequence': 'end',
  pause: 'end',
  refusal: 'refused',
  'content-filter': 'refused',
  'tool-calls': 'tool-calls',
  length: 'length',
}

/** Writes an answer for the clients of a dialect, whole and as a stream, and reads both back. */
export async function expectMeaningKept(
  client: ClientDialect & UpstreamDialect,
  events: readonly ModelEvent[],
): Promise<void> {
  const answer = collectAnswer(events)
  const head = {
    requestId: 'r1',
    created: 1,
    model: 'm',
    request: { stream: true, stream_options: { include_usage: true } },
  }
  const whole: unknown = JSON.parse(JSON.stringify(client.writeAnswer(head, answer)))
  expect(meaningOf(collectAnswer(client.readAnswer('p', whole)))).toEqual(meaningOf(answer))

  const writer = client.writeStream(head)
  const text = [writer.begin(), ...events.map(event => writer.write(event)), writer.end(answer)].join('')
  const streamed: ModelEvent[] = []
  for await (const event of client.readStream('p', once(Buffer.from(text)))) streamed.push(event)
  expect(meaningOf(collectAnswer(streamed))).toEqual(meaningOf(answer))
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}
