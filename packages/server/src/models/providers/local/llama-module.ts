// The part of node-llama-cpp 3 that is used here. The package is not installed by default, so its own types are not there.

export type HistoryItem =
  | { type: 'system'; text: string }
  | { type: 'user'; text: string }
  | { type: 'model'; response: (string | FunctionCallItem)[] }

export interface FunctionCallItem {
  type: 'functionCall'
  name: string
  params: unknown
  result: unknown
}

interface TokenMeterState {
  usedInputTokens: number
  usedOutputTokens: number
}

export interface LlamaSequence {
  /** Tokens in the context: those of the input and of the answer. */
  readonly nextTokenIndex: number
  readonly tokenMeter: { getState(): TokenMeterState; diff(before: TokenMeterState): TokenMeterState }
}

interface GenerateOptions {
  signal: AbortSignal
  maxTokens?: number
  temperature?: number
  topP?: number
  customStopTriggers?: string[]
  contextShift: { strategy: () => { chatHistory: HistoryItem[]; metadata: null } }
  functions?: Record<string, { description: string; params: unknown }>
  onTextChunk: (text: string) => void
  onFunctionCall?: (call: { functionName: string; params: unknown }) => void
}

export interface LlamaChat {
  generateResponse(
    history: HistoryItem[],
    options: GenerateOptions,
  ): Promise<{ functionCalls?: unknown[]; metadata: { stopReason: string } }>
}

interface LlamaModel {
  createContext(options: { contextSize: { max: number }; sequences: number }): Promise<{ getSequence(): LlamaSequence }>
}

export interface Llama {
  loadModel(options: { modelPath: string }): Promise<LlamaModel>
  dispose(): Promise<void>
}

/** node-llama-cpp, as far as it is used here. */
export interface LlamaModule {
  getLlama: (options: {
    build: 'never'
    skipDownload: boolean
    maxThreads: number
    progressLogs: boolean
    logLevel: 'error'
  }) => Promise<Llama>
  LlamaChat: new (options: { contextSequence: LlamaSequence }) => LlamaChat
}

// In a variable, so that neither the compiler nor a bundler asks for a package that is not there by default.
const moduleName = 'node-llama-cpp'

/** @throws when the package is not installed */
export async function importLlama(): Promise<LlamaModule> {
  const loaded: LlamaModule = await import(moduleName)
  return loaded
}
