import { createAnswerCollector } from '../answer-collector.ts'
import type { AnswerHead, ClientDialect } from '../dialects/dialect.ts'
import type { ModelEvent } from '../model-event.ts'
import type { BegunAnswer } from './begun-answer.ts'
import { droppedHeader } from './dropped-header.ts'
import type { StreamFraming } from './stream-framing.ts'
import { writeSlowly } from './write-slowly.ts'

interface TranslateOptions {
  dialect: ClientDialect
  head: AnswerHead
  inputCharacters: number
  /** Fields of the request that the provider did not get. */
  dropped: readonly string[]
  framing: StreamFraming
}

/** Collects an answer of another dialect and writes it as one. It is whole before anything is sent. */
export async function translateWhole(
  events: AsyncIterable<ModelEvent>,
  { dialect, head, inputCharacters, dropped }: TranslateOptions,
): Promise<BegunAnswer> {
  const collector = createAnswerCollector({ inputCharacters })
  for await (const event of events) collector.add(event)
  const answer = collector.answer()
  return {
    async send(response, headers, keep) {
      const written = JSON.stringify(dialect.writeAnswer(head, answer))
      await keep?.(written)
      response.writeHead(200, { ...headers, ...droppedHeader(dropped), 'content-type': 'application/json' })
      response.end(written)
    },
    emitted: () => Promise.resolve(undefined),
    use: () => answer,
  }
}

/** Writes an answer of another dialect as a stream while it arrives. */
export function translateStream(
  events: AsyncIterable<ModelEvent>,
  { dialect, head, inputCharacters, dropped, framing }: TranslateOptions,
): BegunAnswer {
  const collector = createAnswerCollector({ inputCharacters })
  const writer = dialect.writeStream(head)
  return {
    async send(response, headers, keep) {
      response.writeHead(200, { ...headers, ...droppedHeader(dropped), ...framing.headers() })
      await writeSlowly(response, framing.frame(writer.begin()))
      for await (const event of events) {
        collector.add(event)
        const text = writer.write(event)
        if (text) await writeSlowly(response, framing.frame(text))
      }
      const last = writer.end(collector.answer())
      await keep?.(last)
      response.end([framing.frame(last), framing.end()].join(''))
    },
    emitted: () => Promise.resolve(collector.answer()),
    use: () => collector.answer(),
  }
}
