import * as z from 'zod'
import type { OperationDialect } from '../operation-dialect.ts'
import { readJson } from '../read-json.ts'
import { readRerankRequest } from './rerank-request.ts'

const Answer = z.object({ results: z.array(z.object({ index: z.number(), relevanceScore: z.number() })) })

/** The ARN of a foundation model, which is of no account, in a region. */
function arnOf(model: string, region: string): string {
  if (model.startsWith('arn:')) return model
  const partition = region.startsWith('us-gov-') ? 'aws-us-gov' : region.startsWith('cn-') ? 'aws-cn' : 'aws'
  return `arn:${partition}:bedrock:${region}::foundation-model/${model}`
}

/** Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent-runtime_Rerank.html */
export const bedrockRerank = (region: string): OperationDialect => ({
  asItIs: false,
  write(body, model) {
    const { query, documents, most, unknown } = readRerankRequest(body)
    const written = {
      queries: [{ type: 'TEXT', textQuery: { text: query } }],
      sources: documents.map(text => ({
        type: 'INLINE',
        inlineDocumentSource: { type: 'TEXT', textDocument: { text } },
      })),
      rerankingConfiguration: {
        type: 'BEDROCK_RERANKING_MODEL',
        bedrockRerankingConfiguration: {
          modelConfiguration: { modelArn: arnOf(model, region) },
          numberOfResults: Math.min(most ?? documents.length, documents.length),
        },
      },
    }
    return { body: Buffer.from(JSON.stringify(written)), dropped: unknown }
  },
  read(provider, answer, { request, model }) {
    const { documents, withDocuments } = readRerankRequest(request)
    const results = readJson(provider, answer, Answer).results.map(({ index, relevanceScore }) => ({
      index,
      relevance_score: relevanceScore,
      ...(withDocuments && { document: { text: documents[index] } }),
    }))
    return { body: Buffer.from(JSON.stringify({ object: 'rerank', model, results })), usage: undefined }
  },
})
