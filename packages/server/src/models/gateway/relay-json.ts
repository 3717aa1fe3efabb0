import type { RelayReader } from '../dialects/dialect.ts'
import { readAtMost } from '../providers/transport/read-body.ts'
import type { UpstreamResponse } from '../providers/transport/upstream.ts'
import { estimateTokens } from '../token-estimate.ts'
import { noTokens } from '../token-usage.ts'
import type { BegunAnswer, UsedSoFar } from './begun-answer.ts'

// Bytes. An answer with images or audio has some tens of megabytes.
const answerLimit = 128 * 1024 * 1024

/**
 * Hands on a whole answer of a provider with its bytes unchanged.
 * @throws ProviderFailure when the answer breaks off, so that it can be asked for elsewhere
 */
export async function relayJson(
  upstream: UpstreamResponse,
  { reader, inputCharacters }: { reader: RelayReader; inputCharacters: number },
): Promise<BegunAnswer> {
  const body = await readAtMost(upstream.body, answerLimit)
  let used: UsedSoFar | undefined
  return {
    async send(response, headers, keep) {
      await keep?.(body)
      const encoding = upstream.headers['content-encoding']
      response.writeHead(upstream.status, {
        ...headers,
        'content-type': upstream.headers['content-type'] ?? 'application/json',
        ...(encoding && { 'content-encoding': encoding }),
        'content-length': body.length,
      })
      response.end(body)
    },
    emitted: () => Promise.resolve(undefined),
    use() {
      used ??= useOf(reader, body, inputCharacters)
      return used
    },
  }
}

function useOf(reader: RelayReader, body: Buffer, inputCharacters: number): UsedSoFar {
  const { usage, billing, finishReason } = reader.useOf(body)
  return {
    usage: usage ?? {
      ...noTokens,
      inputTokens: estimateTokens(inputCharacters),
      outputTokens: estimateTokens(body.length),
    },
    usageEstimated: usage === undefined,
    billing,
    finishReason,
  }
}
