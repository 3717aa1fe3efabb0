import * as z from 'zod'
import { noTokens } from '../../token-usage.ts'
import type { OperationDialect } from '../operation-dialect.ts'
import { readJson } from '../read-json.ts'
import { readEmbeddingRequest } from './embedding-request.ts'
import { taskTypeOf } from './task-types.ts'
import { writeEmbeddings } from './write-embeddings.ts'

const Answer = z.object({
  embeddings: z.array(z.object({ values: z.array(z.number()) })),
  usageMetadata: z.object({ promptTokenCount: z.number() }).optional().catch(undefined),
})

/** Source: https://ai.google.dev/api/embeddings#method:-models.batchembedcontents */
export const geminiEmbed: OperationDialect = {
  asItIs: false,
  textsAtOnce: 100,
  write(body, model) {
    const { texts, dimensions, inputType, unknown } = readEmbeddingRequest(body)
    const requests = texts.map(text => ({
      model: model.includes('/') ? model : `models/${model}`,
      content: { parts: [{ text }] },
      ...(inputType !== undefined && { taskType: taskTypeOf(inputType) }),
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
