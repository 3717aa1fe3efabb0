import { CausewayError } from '@causeway/contracts'
import * as z from 'zod'
import { parseBody } from '../../dialects/parse-body.ts'
import { noTokens } from '../../token-usage.ts'
import type { OperationDialect } from '../operation-dialect.ts'
import { readJson } from '../read-json.ts'

const Request = z.looseObject({
  query: z.string(),
  documents: z.array(z.string()).min(1),
  top_n: z.number().int().min(1).optional(),
  return_documents: z.boolean().optional(),
})

const Answer = z.object({
  data: z.array(z.object({ index: z.number(), relevance_score: z.number(), document: z.unknown().optional() })),
  usage: z.object({ total_tokens: z.number() }).optional().catch(undefined),
})

/** Source: https://docs.voyageai.com/reference/reranker-api */
export const voyageRerank: OperationDialect = {
  asItIs: false,
  write(body, model) {
    const parsed = Request.safeParse(parseBody(body))
    if (!parsed.success)
      throw new CausewayError('invalid-request', 'The request is no request to rank documents.', {
        problems: parsed.error.issues.map(({ path, message }) => ({ pointer: `/${path.join('/')}`, message })),
      })
    const { query, documents, top_n: most, return_documents: withDocuments, model: _, ...others } = parsed.data
    const written = {
      model,
      query,
      documents,
      ...(most !== undefined && { top_k: most }),
      ...(withDocuments !== undefined && { return_documents: withDocuments }),
    }
    return { body: Buffer.from(JSON.stringify(written)), dropped: Object.keys(others) }
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
