import * as z from 'zod'
import { noTokens } from '../../token-usage.ts'
import type { OperationDialect } from '../operation-dialect.ts'
import { readJson } from '../read-json.ts'
import { readRerankRequest } from './rerank-request.ts'

const Answer = z.object({
  data: z.array(z.object({ index: z.number(), relevance_score: z.number(), document: z.unknown().optional() })),
  usage: z.object({ total_tokens: z.number() }).optional().catch(undefined),
})

/** Source: https://docs.voyageai.com/reference/reranker-api */
export const voyageRerank: OperationDialect = {
  asItIs: false,
  write(body, model) {
    const { query, documents, most, withDocuments, unknown } = readRerankRequest(body)
    const written = {
      model,
      query,
      documents,
      ...(most !== undefined && { top_k: most }),
      ...(withDocuments !== undefined && { return_documents: withDocuments }),
    }
    return { body: Buffer.from(JSON.stringify(written)), dropped: unknown }
  },
  read(provider, answer, { model }) {
    const { data, usage } = readJson(provider, answer, Answer)
    const tokens = usage?.total_tokens
    return {
      body: Buffer.from(
        JSON.stringify({
          object: 'rerank',
          model,
          results: data.map(({ index, relevance_score, document }) => ({
            index,
            relevance_score,
            ...(document !== undefined && { document }),
          })),
          ...(tokens !== undefined && { usage: { prompt_tokens: tokens, total_tokens: tokens } }),
        }),
      ),
      usage: tokens === undefined ? undefined : { ...noTokens, inputTokens: tokens },
    }
  },
}
