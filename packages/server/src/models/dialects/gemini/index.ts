import type { ClientDialect, UpstreamDialect } from '../dialect.ts'
import { geminiErrorBody } from './error-body.ts'
import { readGeminiHead } from './head.ts'
import { readGeminiAnswer, readGeminiStream } from './read-answer.ts'
import { readGeminiRequest } from './read-request.ts'
import { watchGeminiStream } from './stream-watch.ts'
import { useOfGeminiAnswer } from './use-of.ts'
import { writeGeminiAnswer } from './write-answer.ts'
import { writeGeminiRequest } from './write-request.ts'
import { writeGeminiStream } from './write-stream.ts'

/** The generateContent methods of the Gemini API and of Vertex AI. Source: https://ai.google.dev/api/generate-content */
export const gemini: UpstreamDialect & ClientDialect = {
  name: 'gemini',
  writeRequest: writeGeminiRequest,
  readStream: readGeminiStream,
  readAnswer: readGeminiAnswer,
  readHead: readGeminiHead,
  readRequest: readGeminiRequest,
  writeAnswer: writeGeminiAnswer,
  writeStream: writeGeminiStream,
  errorBody: geminiErrorBody,
  writeTokenCount: tokens => ({ totalTokens: tokens }),
  relay: { useOf: useOfGeminiAnswer, watch: watchGeminiStream },
}
