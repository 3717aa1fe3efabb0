import type { ClientDialect, RequestAddress } from '../dialects/dialect.ts'
import { anthropicMessages } from '../dialects/anthropic-messages/index.ts'
import { openAiChat } from '../dialects/openai-chat/index.ts'

/** Where a request for an answer goes, by its path. */
export interface GenerateEndpoint {
  dialect: ClientDialect
  address: RequestAddress
}

const paths: Readonly<Record<string, ClientDialect>> = {
  '/v1/chat/completions': openAiChat,
  '/v1/messages': anthropicMessages,
}

/** The endpoint of a POST, or undefined for other paths. */
export function generateEndpoint(path: string): GenerateEndpoint | undefined {
  const dialect = paths[path]
  return dialect && { dialect, address: {} }
}
