import * as z from 'zod'
import { noTokens } from '../../token-usage.ts'
import type { OperationDialect } from '../operation-dialect.ts'
import { readJson } from '../read-json.ts'
import { readEmbeddingRequest } from './embedding-request.ts'
import { writeEmbeddings } from './write-embeddings.ts'

const Answer = z.object({
  embeddings: z.array(z.object({ values: z.array(z.number()) })),
  usageMetadata: z.object({ promptTokenCount: z.number() }).optional().catch(undefined),
})

/** What texts are embedded for, in the words of Cohere and Voyage, as Google calls it; other words are taken for Google's own. */
const taskTypes: Readonly<Record<string, string>> = {
  search_query: 'RETRIEVAL_QUERY',
  query: 'RETRIEVAL_QUERY',
  search_document: 'RETRIEVAL_DOCUMENT',
  document: 'RETRIEVAL_DOCUMENT',
  classification: 'CLASSIFICATION',
  clustering: 'CLUSTERING',
}

/** Source: https://ai.google.dev/api/embeddings#method:-models.batchembedcontents */
export const geminiEmbed: OperationDialect = {
  asItIs: false,
  write(body, model) {
    const { texts, dimensions, inputType, unknown } = readEmbeddingRequest(body)
    const requests = texts.map(text => ({
      model: model.includes('/') ? model : `models/${model}`,
      content: { parts: [{ text }] },
      ...(inputType !== undefined && { taskType: taskTypes[inputType] ?? inputType }),
      ...(dimensions !== undefined && { outputDimensionality: dimensions }),
    }))
    return { body: Buffer.from(JSON.stringify({ requests })), dropped: unknown }
  },
  read(provider, answer, { request, model }) {
    const { embeddings, usageMetadata } = readJson(provider, answer, Answer)
    const usage = usageMetadata && { ...noTokens, inputTokens: usageMetadata.promptTokenCount }
    const vectors = embeddings.map(({ values }) => values)
    return { body: writeEmbeddings(readEmbeddingRequest(request), { model, vectors, usage }), usage }
  },
}
