import { availableParallelism } from 'node:os'
import { importLlama, type LlamaChat, type LlamaSequence } from './llama-module.ts'

// Tokens. It bounds the memory that a small machine has to give, whatever the model could do.
const contextTokens = 8192

/** A model in memory, with the one context in which all its conversations are read. */
export interface LoadedModel {
  chat: LlamaChat
  sequence: LlamaSequence
  dispose(): Promise<void>
}

/** Loads a GGUF file. It takes from a second to a minute. @throws what node-llama-cpp throws */
export async function loadModel(path: string): Promise<LoadedModel> {
  const { getLlama, LlamaChat } = await importLlama()
  const llama = await getLlama({
    // Only what was installed is run: nothing is compiled or downloaded while the server runs.
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    logLevel: 'error',
    // The library starts at least four threads, and they wait for each other by spinning: on two cores that makes an
    // answer some hundred times slower. One core is left for the server.
    maxThreads: Math.max(1, availableParallelism() - 1),
  })
  const model = await llama.loadModel({ modelPath: path })
  const context = await model.createContext({ contextSize: { max: contextTokens }, sequences: 1 })
  const sequence = context.getSequence()
  return { chat: new LlamaChat({ contextSequence: sequence }), sequence, dispose: () => llama.dispose() }
}
