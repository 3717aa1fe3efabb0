import type { IncomingHttpHeaders } from 'node:http'
import type { TokenUsage } from '@causeway/contracts'
import * as z from 'zod'
import { noTokens } from '../../token-usage.ts'
import type { OperationDialect } from '../operation-dialect.ts'
import { readJson } from '../read-json.ts'
import { usualInputType } from './cohere-embed.ts'
import { readEmbeddingRequest, type EmbeddingRequest } from './embedding-request.ts'
import { writeEmbeddings } from './write-embeddings.ts'

/** What one family of models of Bedrock wants and gives. */
interface Family {
  /** Texts that it takes in one request. */
  textsAtOnce: number
  /** Whether it wants to know what texts are embedded for. */
  takesInputType: boolean
  write(request: EmbeddingRequest): Record<string, unknown>
  read(provider: string, answer: Buffer): { vectors: number[][]; inputTokens?: number | undefined }
}

const TitanAnswer = z.object({
  embedding: z.array(z.number()),
  inputTextTokenCount: z.number().optional().catch(undefined),
})

/** Source: https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html */
const titan: Family = {
  textsAtOnce: 1,
  takesInputType: false,
  write: ({ texts: [inputText], dimensions }) => ({ inputText, ...(dimensions !== undefined && { dimensions }) }),
  read(provider, answer) {
    const { embedding, inputTextTokenCount } = readJson(provider, answer, TitanAnswer)
    return { vectors: [embedding], inputTokens: inputTextTokenCount }
  },
}

const Vectors = z.array(z.array(z.number()))
const CohereAnswer = z.object({ embeddings: z.union([Vectors, z.object({ float: Vectors })]) })

/** Source: https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-embed-v3.html */
const cohere: Family = {
  textsAtOnce: 96,
  takesInputType: true,
  write: ({ texts, dimensions, inputType = usualInputType }) => ({
    texts,
    input_type: inputType,
    embedding_types: ['float'],
    ...(dimensions !== undefined && { output_dimension: dimensions }),
  }),
  read(provider, answer) {
    const { embeddings } = readJson(provider, answer, CohereAnswer)
    return { vectors: Array.isArray(embeddings) ? embeddings : embeddings.float }
  },
}

const NovaAnswer = z.object({ embeddings: z.array(z.object({ embedding: z.array(z.number()) })).min(1) })

/** What Nova calls the ends that others name; other words are taken for its own. */
const novaPurposes: Readonly<Record<string, string>> = {
  search_query: 'TEXT_RETRIEVAL',
  query: 'TEXT_RETRIEVAL',
  search_document: 'GENERIC_INDEX',
  document: 'GENERIC_INDEX',
  classification: 'CLASSIFICATION',
  clustering: 'CLUSTERING',
}

/** Source: https://docs.aws.amazon.com/nova/latest/userguide/embeddings-schema.html */
const nova: Family = {
  textsAtOnce: 1,
  takesInputType: true,
  write: ({ texts: [value], dimensions, inputType = usualInputType }) => ({
    taskType: 'SINGLE_EMBEDDING',
    singleEmbeddingParams: {
      embeddingPurpose: novaPurposes[inputType] ?? inputType,
      ...(dimensions !== undefined && { embeddingDimension: dimensions }),
      text: { truncationMode: 'NONE', value },
    },
  }),
  read(provider, answer) {
    const { embeddings } = readJson(provider, answer, NovaAnswer)
    return { vectors: embeddings.slice(0, 1).map(({ embedding }) => embedding) }
  },
}

/** How embeddings of Bedrock count where their answers do not. */
const countHeader = 'x-amzn-bedrock-input-token-count'

function usageOf(told: number | undefined, headers: IncomingHttpHeaders): TokenUsage | undefined {
  const inputTokens = told ?? Number(headers[countHeader] ?? Number.NaN)
  return Number.isFinite(inputTokens) ? { ...noTokens, inputTokens } : undefined
}

const dialectOf = ({ textsAtOnce, takesInputType, write, read }: Family): OperationDialect => ({
  asItIs: false,
  textsAtOnce,
  write(body) {
    const request = readEmbeddingRequest(body)
    const dropped = [...request.unknown, ...(request.inputType !== undefined && !takesInputType ? ['input_type'] : [])]
    return { body: Buffer.from(JSON.stringify(write(request))), dropped }
  },
  read(provider, answer, { request, model, headers }) {
    const { vectors, inputTokens } = read(provider, answer)
    const usage = usageOf(inputTokens, headers)
    return { body: writeEmbeddings(readEmbeddingRequest(request), { model, vectors, usage }), usage }
  },
})

const families = [
  [/(?:^|[./])amazon\.titan-embed/, dialectOf(titan)],
  [/(?:^|[./])amazon\.nova.*embed/, dialectOf(nova)],
  [/(?:^|[./])cohere\.embed/, dialectOf(cohere)],
] as const

/** Embeddings of Bedrock, which each family of models has in its own form; undefined for models without any. */
export const bedrockEmbed = (model: string): OperationDialect | undefined =>
  families.find(([name]) => name.test(model))?.[1]
