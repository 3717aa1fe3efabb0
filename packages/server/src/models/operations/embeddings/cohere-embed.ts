import * as z from 'zod'
import { noTokens } from '../../token-usage.ts'
import type { OperationDialect } from '../operation-dialect.ts'
import { readJson } from '../read-json.ts'
import { readEmbeddingRequest } from './embedding-request.ts'
import { writeEmbeddings } from './write-embeddings.ts'

const Answer = z.object({
  embeddings: z.object({ float: z.array(z.array(z.number())) }),
  meta: z
    .object({ billed_units: z.object({ input_tokens: z.number() }) })
    .optional()
    .catch(undefined),
})

/** Cohere wants to know what texts are embedded for; nearly always they are to be found later. */
export const usualInputType = 'search_document'

/** Source: https://docs.cohere.com/reference/embed */
export const cohereEmbed: OperationDialect = {
  asItIs: false,
  textsAtOnce: 96,
  write(body, model) {
    const { texts, dimensions, inputType = usualInputType, unknown } = readEmbeddingRequest(body)
    const written = {
      model,
      texts,
      input_type: inputType,
      embedding_types: ['float'],
      ...(dimensions !== undefined && { output_dimension: dimensions }),
    }
    return { body: Buffer.from(JSON.stringify(written)), dropped: unknown }
  },
  read(provider, answer, { request, model }) {
    const { embeddings, meta } = readJson(provider, answer, Answer)
    const usage = meta && { ...noTokens, inputTokens: meta.billed_units.input_tokens }
    return {
      body: writeEmbeddings(readEmbeddingRequest(request), { model, vectors: embeddings.float, usage }),
      usage,
    }
  },
}
