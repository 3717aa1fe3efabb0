import type { Dialect, RequestAddress } from '../dialects/dialect.ts'
import { anthropicMessages } from '../dialects/anthropic-messages/index.ts'
import { openAiChat } from '../dialects/openai-chat/index.ts'
import { openAiResponses } from '../dialects/openai-responses/index.ts'
import { geminiEndpoint } from './gemini-endpoint.ts'
import type { GenerateOperation } from '../providers/provider-adapter.ts'

/** What a request for a model asks for and in which dialect, by its path. */
export interface ModelEndpoint {
  dialect: Dialect
  operation: GenerateOperation
  address: RequestAddress
}

const fixed = (dialect: Dialect, operation: GenerateOperation = 'generate'): ModelEndpoint => ({
  dialect,
  operation,
  address: {},
})

const endpoints: ReadonlyMap<string, ModelEndpoint> = new Map([
  ['/v1/chat/completions', fixed(openAiChat)],
  ['/v1/responses', fixed(openAiResponses)],
  ['/v1/messages', fixed(anthropicMessages)],
  ['/v1/messages/count_tokens', fixed(anthropicMessages, 'count-tokens')],
])

/** The endpoint of a POST, or undefined for other paths. */
export const modelEndpoint = (path: string, query: string): ModelEndpoint | undefined =>
  endpoints.get(path) ?? geminiEndpoint(path, query)
