import { parseBody } from '../dialects/parse-body.ts'
import type { WholeOperation } from '../operations/operation-dialect.ts'
import { readOperationHead } from '../operations/operation-head.ts'
import { estimateTokens } from '../token-estimate.ts'
import { noTokens } from '../token-usage.ts'
import type { GatewayOperation } from './answer-operation.ts'
import { droppedHeader } from './dropped-header.ts'
import { notServed } from './not-served.ts'
import { bodyLimit } from './request-limits.ts'

const dialects = { embed: 'openai-embeddings', rerank: 'rerank' } as const
const deeds: Readonly<Record<WholeOperation, string>> = { embed: 'embed texts', rerank: 'rank documents' }

/** Embeddings and ranks: JSON in, one whole answer of JSON out. */
export const wholeOperation = (operation: WholeOperation): GatewayOperation => ({
  dialect: dialects[operation],
  bodyLimit,
  contentType: /json/i,
  maxOutputTokens: 0,
  read: body => ({
    model: readOperationHead(body).model,
    inputCharacters: body.length,
    content: () => parseBody(body),
    async ask(target, adapter, signal) {
      const performed = adapter.perform?.(target, operation, body, { signal })
      if (!performed) throw notServed(target, deeds[operation])
      const { body: answer, usage, dropped } = await performed
      return {
        async send(response, headers) {
          response.writeHead(200, {
            ...headers,
            ...droppedHeader(dropped),
            'content-type': 'application/json',
            'content-length': answer.length,
          })
          response.end(answer)
        },
        emitted: () => Promise.resolve(undefined),
        use: () => ({
          usage: usage ?? { ...noTokens, inputTokens: estimateTokens(body.length) },
          usageEstimated: usage === undefined,
          finishReason: undefined,
        }),
      }
    },
  }),
})
