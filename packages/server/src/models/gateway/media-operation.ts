import { CausewayError } from '@causeway/contracts'
import type { MediaPath } from '../operations/media-path.ts'
import { readMediaRequest } from '../operations/media-request.ts'
import { useOfMedia } from '../operations/media-usage.ts'
import type { UpstreamResponse } from '../providers/transport/upstream.ts'
import { estimateTokens } from '../token-estimate.ts'
import { noTokens } from '../token-usage.ts'
import type { GatewayOperation } from './answer-operation.ts'
import type { BegunAnswer } from './begun-answer.ts'
import { notServed } from './not-served.ts'
import { writeSlowly } from './write-slowly.ts'

/** Bytes of a request. Recordings of speech may have 25 MB at OpenAI, and several images travel in one request. */
const bodyLimit = 64 * 1024 * 1024

const deeds: Readonly<Record<MediaPath, string>> = {
  '/images/generations': 'make images',
  '/images/edits': 'change images',
  '/images/variations': 'vary images',
  '/audio/speech': 'speak',
  '/audio/transcriptions': 'write down speech',
  '/audio/translations': 'translate speech',
}

/** Images and speech: handed on to a provider that has them, unread but for the model and what was used. */
export const mediaOperation = (path: MediaPath): GatewayOperation => ({
  dialect: 'openai-media',
  bodyLimit,
  contentType: /json|multipart\/form-data/i,
  maxOutputTokens: undefined,
  async read(body, contentType) {
    const { model, prompt, content, bodyFor } = await readMediaRequest(body, contentType)
    return {
      model,
      inputCharacters: prompt.length,
      content,
      async ask(target, adapter, signal) {
        const sent = adapter.media?.(target, path, await bodyFor(target.model), { signal })
        if (!sent) throw notServed(target, deeds[path])
        return handOn(await sent, prompt)
      },
    }
  },
})

/** Bytes at the end of an answer that are looked into for what was used. */
const tailLength = 16 * 1024

async function handOn(upstream: UpstreamResponse, prompt: string): Promise<BegunAnswer> {
  const chunks = upstream.body[Symbol.asyncIterator]()
  // An answer that breaks off before it begins is asked for elsewhere.
  let next = await chunks.next()
  let tail: Buffer = Buffer.alloc(0)
  return {
    async send(response, headers) {
      try {
        const { 'content-type': type = 'application/octet-stream', 'content-length': length } = upstream.headers
        response.writeHead(upstream.status, {
          ...headers,
          'content-type': type,
          ...(length !== undefined && { 'content-length': length }),
        })
        for (; !next.done; next = await chunks.next()) {
          tail = Buffer.concat([tail, next.value]).subarray(-tailLength)
          await writeSlowly(response, next.value)
        }
        response.end()
      } catch (error) {
        // Whoever reads must not take a part for the whole.
        if (error instanceof CausewayError) response.destroy()
        throw error
      } finally {
        await chunks.return?.()
      }
    },
    emitted: () => Promise.resolve(undefined),
    use() {
      const usage = useOfMedia(tail)
      return {
        usage: usage ?? { ...noTokens, inputTokens: estimateTokens(prompt.length) },
        usageEstimated: usage === undefined,
        finishReason: undefined,
      }
    },
  }
}
