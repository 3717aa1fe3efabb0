// The part of version 4 of the AI SDK's language models that is used here. Its packages are not installed by default.
// Source: @ai-sdk/provider 4, src/language-model/v4.

export interface CallOptions {
  prompt: PromptMessage[]
  maxOutputTokens?: number
  temperature?: number
  stopSequences?: string[]
  topP?: number
  topK?: number
  presencePenalty?: number
  frequencyPenalty?: number
  seed?: number
  responseFormat?: { type: 'json'; schema?: unknown; name?: string; description?: string }
  tools?: { type: 'function'; name: string; description: string; inputSchema: unknown; strict?: boolean }[]
  toolChoice?: { type: 'auto' | 'none' | 'required' } | { type: 'tool'; toolName: string }
  reasoning?: string
  abortSignal: AbortSignal
}

export type PromptMessage =
  | { role: 'system'; content: string }
  | { role: 'user'; content: (TextPart | FilePart)[] }
  | { role: 'assistant'; content: (TextPart | FilePart | ReasoningPart | CallPart)[] }
  | { role: 'tool'; content: ResultPart[] }

export interface TextPart {
  type: 'text'
  text: string
}
interface ReasoningPart {
  type: 'reasoning'
  text: string
}
export interface FilePart {
  type: 'file'
  mediaType: string
  data: { type: 'data'; data: string } | { type: 'url'; url: URL }
  filename?: string
}
interface CallPart {
  type: 'tool-call'
  toolCallId: string
  toolName: string
  input: unknown
}
export interface ResultPart {
  type: 'tool-result'
  toolCallId: string
  toolName: string
  output: { type: 'text' | 'error-text'; value: string } | { type: 'content'; value: (TextPart | FilePart)[] }
}

/** What a stream consists of, as far as it is looked at; parts of other types are passed over. */
export type StreamPart =
  | { type: 'text-delta' | 'reasoning-delta' | 'tool-input-delta'; id: string; delta: string }
  | { type: 'text-end' | 'reasoning-end'; id: string }
  | { type: 'tool-input-start'; id: string; toolName: string; providerExecuted?: boolean }
  | { type: 'tool-call'; toolCallId: string; toolName: string; input: string; providerExecuted?: boolean }
  | { type: 'file'; mediaType: string; data: { type: 'data'; data: string | Uint8Array } | { type: 'url'; url: URL } }
  | { type: 'response-metadata'; id?: string; modelId?: string }
  | { type: 'finish'; usage: Usage; finishReason: { unified: string } }
  | { type: 'error'; error: unknown }

export interface Usage {
  inputTokens: { total?: number; cacheRead?: number; cacheWrite?: number }
  outputTokens: { total?: number; reasoning?: number }
}

export interface LanguageModel {
  specificationVersion: string
  doStream(options: CallOptions): Promise<{ stream: ReadableStream<StreamPart> }>
}

interface ProviderSettings {
  name: string
  apiKey?: string
  baseURL?: string
  fetch: typeof fetch
}

type CreateProvider = (settings: ProviderSettings) => { languageModel(model: string): LanguageModel }

/**
 * What a package of the AI SDK makes its provider with: `createGroq` of `@ai-sdk/groq`.
 * @throws when the package is not installed, or has no such function
 */
export async function importProvider(packageName: string): Promise<CreateProvider> {
  const loaded: Record<string, unknown> = await import(packageName)
  const wanted = `create${packageName.replace('@ai-sdk/', '').replaceAll('-', '')}`
  const [create] = Object.entries(loaded).flatMap(([name, value]) =>
    name.toLowerCase() === wanted && typeof value === 'function' ? [value] : [],
  )
  if (!create) throw new Error(`${packageName} has no function ${wanted}`)
  // What a package of that name exports under that name is such a function, or is found out by the first call.
  return create as CreateProvider
}
