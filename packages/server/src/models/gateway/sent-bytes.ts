import { createAnswerCollector, type CollectedAnswer } from '../answer-collector.ts'
import type { Dialect } from '../dialects/dialect.ts'

/** Bytes of one stream that are kept: an answer of that length is not gone on with. */
const keptBytes = 1024 * 1024

/** What has been sent of a stream that is handed on unread. It is read only when the stream breaks off. */
export function createSentBytes() {
  let blocks: Buffer[] | undefined = []
  let length = 0
  return {
    add(block: Buffer): void {
      length += block.length
      if (length > keptBytes) blocks = undefined
      blocks?.push(block)
    },
    /** What a client has understood of it; undefined when it was too long or cannot be read. */
    async decoded(dialect: Dialect, provider: string): Promise<CollectedAnswer | undefined> {
      if (!blocks) return undefined
      const collector = createAnswerCollector({ inputCharacters: 0 })
      try {
        for await (const event of dialect.readStream(provider, oneChunk(Buffer.concat(blocks)))) collector.add(event)
      } catch {
        return undefined
      }
      return collector.answer()
    },
  }
}

async function* oneChunk(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}
