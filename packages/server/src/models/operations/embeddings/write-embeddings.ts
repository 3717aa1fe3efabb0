import type { TokenUsage } from '@causeway/contracts'
import type { EmbeddingRequest } from './embedding-request.ts'

interface Embeddings {
  model: string
  vectors: readonly (readonly number[])[]
  usage: TokenUsage | undefined
}

/** An answer as OpenAI's clients read it. Source: https://platform.openai.com/docs/api-reference/embeddings/create */
export function writeEmbeddings(
  { encoding }: Pick<EmbeddingRequest, 'encoding'>,
  { model, vectors, usage }: Embeddings,
): Buffer {
  const tokens = usage?.inputTokens ?? 0
  return Buffer.from(
    JSON.stringify({
      object: 'list',
      data: vectors.map((vector, index) => ({
        object: 'embedding',
        index,
        embedding: encoding === 'base64' ? asBase64(vector) : vector,
      })),
      model,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    }),
  )
}

/** Numbers of 32 bits, the lowest byte first. */
function asBase64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4)
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4)
  return bytes.toString('base64')
}
