import type { RelayReader } from '../dialects/dialect.ts'
import { createSseFrames } from '../dialects/sse/sse-frames.ts'
import { cutOff } from '../provider-failure.ts'
import { streamedError } from '../providers/transport/streamed-error.ts'
import type { UpstreamResponse } from '../providers/transport/upstream.ts'
import { estimateTokens } from '../token-estimate.ts'
import { noTokens } from '../token-usage.ts'
import type { BegunAnswer } from './begun-answer.ts'
import type { StreamFraming } from './stream-framing.ts'
import { writeSlowly } from './write-slowly.ts'

interface RelayStreamOptions {
  reader: RelayReader
  provider: string
  inputCharacters: number
  hideUsage: boolean
  framing: StreamFraming
}

/**
 * Hands on a stream of a provider with the bytes of its events unchanged. Resolves when the first event with content is
 * there; the events before it are held back, so that another target can still be tried.
 * @throws ProviderFailure when the stream reports an error or ends before that
 */
export async function relayStream(upstream: UpstreamResponse, options: RelayStreamOptions): Promise<BegunAnswer> {
  const { reader, provider, inputCharacters, hideUsage, framing } = options
  const frames = createSseFrames()
  const watch = reader.watch({ hideUsage })
  const chunks = upstream.body[Symbol.asyncIterator]()
  const held: Buffer[] = []

  const nextBlock = async (): Promise<Buffer | undefined> => {
    for (;;) {
      const { done, value } = await chunks.next()
      if (done) return undefined
      const block = frames.push(value)
      if (block) return watch.pass(block)
    }
  }

  const throwReported = (): void => {
    if (watch.seen.error !== undefined) throw streamedError(provider, watch.seen.error)
  }

  try {
    while (!watch.seen.content) {
      const block = await nextBlock()
      throwReported()
      if (!block) throw cutOff(provider)
      held.push(block)
    }
  } catch (error) {
    await chunks.return?.()
    throw error
  }

  /** The last event of some servers has no blank line behind it. */
  const lastBlock = (): Buffer | undefined => {
    const rest = frames.rest()
    if (rest.length === 0) return undefined
    const passed = watch.pass(Buffer.concat([rest, Buffer.from('\n\n')]))
    return watch.seen.done || watch.seen.finishReason !== undefined ? passed : undefined
  }

  return {
    async send(response, headers) {
      try {
        response.writeHead(upstream.status, { ...headers, ...framing.headers(upstream.headers['content-type']) })
        await writeSlowly(response, framing.frame(Buffer.concat(held)))
        for (let block = await nextBlock(); block; block = await nextBlock()) {
          await writeSlowly(response, framing.frame(block))
          // The client has the provider's own words already.
          if (watch.seen.error !== undefined) response.end(framing.end())
          throwReported()
        }
        const last = lastBlock()
        if (last) response.write(framing.frame(last))
        if (!watch.seen.done && watch.seen.finishReason === undefined) throw cutOff(provider)
        response.end(framing.end())
      } finally {
        await chunks.return?.()
      }
    },
    use: () => ({
      usage: watch.seen.usage ?? {
        ...noTokens,
        inputTokens: estimateTokens(inputCharacters),
        outputTokens: watch.seen.events,
      },
      // Until its end a provider may have counted the input only.
      usageEstimated: watch.seen.usage === undefined || watch.seen.finishReason === undefined,
      billing: watch.seen.billing,
      finishReason: watch.seen.finishReason,
    }),
  }
}
