import type { UpstreamDialect } from '../dialect.ts'
import { readCohereAnswer } from './read-answer.ts'
import { readCohereStream } from './read-stream.ts'
import { writeCohereRequest } from './write-request.ts'

/** Cohere's Chat API, version 2. Source: https://docs.cohere.com/reference/chat */
export const cohereChat: UpstreamDialect = {
  name: 'cohere-chat',
  writeRequest: writeCohereRequest,
  readStream: readCohereStream,
  readAnswer: readCohereAnswer,
}
