import { readFinishReason } from '../dialects/openai-chat/finish-reason.ts'
import { readUsage } from '../dialects/openai-chat/usage.ts'
import { WireUsage } from '../dialects/openai-chat/wire.ts'
import type { UpstreamResponse } from '../providers/transport/upstream.ts'
import { readAtMost } from '../providers/transport/read-body.ts'
import { estimateTokens } from '../token-estimate.ts'
import { noTokens } from '../token-usage.ts'
import type { ChatAnswer } from './chat-answer.ts'
import { scanObject } from './json-scan.ts'

// Bytes. An answer with images or audio has some tens of megabytes.
const answerLimit = 128 * 1024 * 1024

/**
 * Hands on a whole answer of a provider with its bytes unchanged.
 * @throws ProviderFailure when the answer breaks off, so that it can be asked for elsewhere
 */
export async function relayJson(upstream: UpstreamResponse, inputCharacters: number): Promise<ChatAnswer> {
  const body = await readAtMost(upstream.body, answerLimit)
  return {
    async send(response, headers) {
      const encoding = upstream.headers['content-encoding']
      response.writeHead(upstream.status, {
        ...headers,
        'content-type': upstream.headers['content-type'] ?? 'application/json',
        ...(encoding && { 'content-encoding': encoding }),
        'content-length': body.length,
      })
      response.end(body)
    },
    use() {
      const usage = usageOf(body)
      return {
        usage: usage ?? {
          ...noTokens,
          inputTokens: estimateTokens(inputCharacters),
          outputTokens: estimateTokens(body.length),
        },
        usageEstimated: usage === undefined,
        finishReason: finishReasonOf(body),
      }
    },
  }
}

function usageOf(body: Buffer) {
  try {
    const member = scanObject(body, new Set(['usage'])).members.at(-1)
    return member && readUsage(WireUsage.parse(JSON.parse(body.toString('utf8', member.start, member.end))))
  } catch {
    return undefined
  }
}

function finishReasonOf(body: Buffer) {
  const reason = /"finish_reason"\s*:\s*"(\w+)"/.exec(body.toString('latin1'))?.[1]
  return reason === undefined ? undefined : readFinishReason(reason)
}
