import * as z from 'zod'
import { noTokens } from '../../token-usage.ts'
import type { OperationDialect } from '../operation-dialect.ts'
import { readJson } from '../read-json.ts'
import { readEmbeddingRequest } from './embedding-request.ts'
import { taskTypeOf } from './task-types.ts'
import { writeEmbeddings } from './write-embeddings.ts'

/** Whether a model of Vertex AI is asked with `embedContent`, as those are that came after gemini-embedding-001, and not with `predict`. */
export const isEmbedContentModel = (model: string): boolean =>
  model.includes('gemini') && model !== 'gemini-embedding-001'

const Predictions = z.object({
  predictions: z.array(
    z.object({
      embeddings: z.object({
        values: z.array(z.number()),
        statistics: z.object({ token_count: z.number() }).optional().catch(undefined),
      }),
    }),
  ),
})

/** @param textsAtOnce how many texts the model takes in one request. Source: https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api */
const predict = (textsAtOnce: number): OperationDialect => ({
  asItIs: false,
  textsAtOnce,
  write(body) {
    const { texts, dimensions, inputType, unknown } = readEmbeddingRequest(body)
    const instances = texts.map(content => ({
      content,
      ...(inputType !== undefined && { task_type: taskTypeOf(inputType) }),
    }))
    const parameters = dimensions !== undefined && { parameters: { outputDimensionality: dimensions } }
    return { body: Buffer.from(JSON.stringify({ instances, ...parameters })), dropped: unknown }
  },
  read(provider, answer, { request, model }) {
    const embeddings = readJson(provider, answer, Predictions).predictions.map(prediction => prediction.embeddings)
    const counts = embeddings.flatMap(({ statistics }) => statistics?.token_count ?? [])
    const usage =
      counts.length === embeddings.length
        ? { ...noTokens, inputTokens: counts.reduce((sum, count) => sum + count, 0) }
        : undefined
    const vectors = embeddings.map(({ values }) => values)
    return { body: writeEmbeddings(readEmbeddingRequest(request), { model, vectors, usage }), usage }
  },
})

const Content = z.object({
  embedding: z.object({ values: z.array(z.number()) }),
  usageMetadata: z.object({ promptTokenCount: z.number() }).optional().catch(undefined),
})

/** What Google's own client (`@google/genai`) sends to these models, and recorded answers of theirs. */
const embedContent: OperationDialect = {
  asItIs: false,
  textsAtOnce: 1,
  write(body) {
    const { texts, dimensions, inputType, unknown } = readEmbeddingRequest(body)
    const config = {
      ...(inputType !== undefined && { taskType: taskTypeOf(inputType) }),
      ...(dimensions !== undefined && { outputDimensionality: dimensions }),
    }
    const written = {
      content: { parts: texts.map(text => ({ text })) },
      ...(Object.keys(config).length > 0 && { embedContentConfig: config }),
    }
    return { body: Buffer.from(JSON.stringify(written)), dropped: unknown }
  },
  read(provider, answer, { request, model }) {
    const { embedding, usageMetadata } = readJson(provider, answer, Content)
    const usage = usageMetadata && { ...noTokens, inputTokens: usageMetadata.promptTokenCount }
    const vectors = [embedding.values]
    return { body: writeEmbeddings(readEmbeddingRequest(request), { model, vectors, usage }), usage }
  },
}

const [predictOne, predictMany] = [predict(1), predict(250)]

/** Embeddings of Vertex AI, which asks for them in two ways. */
export const vertexEmbed = (model: string): OperationDialect =>
  isEmbedContentModel(model) ? embedContent : model.includes('gemini') ? predictOne : predictMany
