import type { TokenUsage } from '@causeway/contracts'
import type { Dialect, StreamWatch } from '../dialects/dialect.ts'
import { areWhole } from '../dialects/sse/whole-events.ts'
import { createSseFrames } from '../dialects/sse/sse-frames.ts'
import { cutOff } from '../provider-failure.ts'
import { streamedError } from '../providers/transport/streamed-error.ts'
import type { UpstreamResponse } from '../providers/transport/upstream.ts'
import { estimateTokens } from '../token-estimate.ts'
import { noTokens } from '../token-usage.ts'
import type { ServerResponse } from 'node:http'
import type { BegunAnswer } from './begun-answer.ts'
import type { StreamFraming } from './stream-framing.ts'
import { createSentBytes } from './sent-bytes.ts'
import { writeSlowly } from './write-slowly.ts'

interface RelayStreamOptions {
  dialect: Dialect
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
  const { dialect, provider, inputCharacters, hideUsage, framing } = options
  const frames = createSseFrames()
  const watch = dialect.relay.watch({ hideUsage })
  const chunks = upstream.body[Symbol.asyncIterator]()
  const held: Buffer[] = []

  const nextBlock = async (): Promise<Buffer | undefined> => {
    for (;;) {
      const { done, value } = await chunks.next()
      if (done) return undefined
      const block = frames.push(value)
      if (!block) continue
      if (!areWhole(block)) throw streamedError(provider, { message: 'an event of the stream could not be read' })
      return watch.pass(block)
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

  const sent = createSentBytes()
  const write = (response: ServerResponse, block: Buffer): Promise<void> | undefined => {
    sent.add(block)
    return writeSlowly(response, framing.frame(block))
  }

  return {
    async send(response, headers, keep) {
      try {
        if (watch.seen.done) await keep?.(Buffer.concat(held))
        response.writeHead(upstream.status, { ...headers, ...framing.headers(upstream.headers['content-type']) })
        await write(response, Buffer.concat(held))
        for (let block = await nextBlock(); block; block = await nextBlock()) {
          // The client is told of an error only when the answer cannot be gone on with.
          throwReported()
          if (watch.seen.done) await keep?.(block)
          await write(response, block)
          if (watch.seen.finishReason !== undefined) upstream.body.endSoon()
        }
        const last = lastBlock()
        if (last) await keep?.(last)
        if (last) response.write(framing.frame(last))
        if (!watch.seen.done && watch.seen.finishReason === undefined) throw cutOff(provider)
        response.end(framing.end())
      } finally {
        await chunks.return?.()
      }
    },
    emitted: () => sent.decoded(dialect, provider),
    use: () => ({
      usage: usageSoFar(watch.seen, inputCharacters),
      // Until its end a provider may have counted the input only.
      usageEstimated: watch.seen.usage === undefined || watch.seen.finishReason === undefined,
      billing: watch.seen.billing,
      finishReason: watch.seen.finishReason,
    }),
  }
}

/** Before the end a provider may have counted the input only; its events tell about how much it has said. */
function usageSoFar({ usage, finishReason, events }: StreamWatch['seen'], inputCharacters: number): TokenUsage {
  if (!usage) return { ...noTokens, inputTokens: estimateTokens(inputCharacters), outputTokens: events }
  return finishReason === undefined ? { ...usage, outputTokens: Math.max(usage.outputTokens, events) } : usage
}
