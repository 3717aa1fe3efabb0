import { createAnswerCollector } from '../answer-collector.ts'
import { chatChunks, chatCompletion, type AnswerHead } from '../dialects/openai-chat/write-answer.ts'
import type { ModelEvent } from '../model-event.ts'
import type { ChatAnswer } from './chat-answer.ts'
import { eventStreamHeaders } from './event-stream-headers.ts'
import { writeSlowly } from './write-slowly.ts'

interface TranslateOptions {
  head: AnswerHead
  inputCharacters: number
}

/** Collects an answer of another dialect and writes it as one chat completion. It is whole before anything is sent. */
export async function translateWhole(
  events: AsyncIterable<ModelEvent>,
  { head, inputCharacters }: TranslateOptions,
): Promise<ChatAnswer> {
  const collector = createAnswerCollector({ inputCharacters })
  for await (const event of events) collector.add(event)
  const answer = collector.answer()
  return {
    async send(response, headers) {
      response.writeHead(200, { ...headers, 'content-type': 'application/json' })
      response.end(JSON.stringify(chatCompletion(head, answer)))
    },
    use: () => answer,
  }
}

/** Writes an answer of another dialect as chat completion chunks while it arrives. */
export function translateStream(
  events: AsyncIterable<ModelEvent>,
  { head, inputCharacters, includeUsage }: TranslateOptions & { includeUsage: boolean },
): ChatAnswer {
  const collector = createAnswerCollector({ inputCharacters })
  const chunks = chatChunks(head, { includeUsage })
  return {
    async send(response, headers) {
      const write = (chunk: object) => writeSlowly(response, `data: ${JSON.stringify(chunk)}\n\n`)
      response.writeHead(200, { ...headers, ...eventStreamHeaders() })
      await write(chunks.first())
      for await (const event of events) {
        collector.add(event)
        const chunk = chunks.of(event)
        if (chunk) await write(chunk)
      }
      if (includeUsage) await write(chunks.usage(collector.answer().usage))
      response.end('data: [DONE]\n\n')
    },
    use: () => collector.answer(),
  }
}
