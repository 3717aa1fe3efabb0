import type { ClientDialect, UpstreamDialect } from '../dialect.ts'
import { chatErrorBody } from '../openai-chat/error-body.ts'
import { readResponsesHead } from './head.ts'
import { readResponsesAnswer } from './read-answer.ts'
import { readResponsesRequest } from './read-request.ts'
import { readResponsesStream } from './read-stream.ts'
import { watchResponsesStream } from './stream-watch.ts'
import { useOfResponse } from './use-of.ts'
import { writeResponsesAnswer } from './write-answer.ts'
import { writeResponsesRequest } from './write-request.ts'
import { writeResponsesStream } from './write-stream.ts'

/** OpenAI's Responses API. Source: https://platform.openai.com/docs/api-reference/responses */
export const openAiResponses: UpstreamDialect & ClientDialect = {
  name: 'openai-responses',
  writeRequest: writeResponsesRequest,
  readStream: readResponsesStream,
  readAnswer: readResponsesAnswer,
  readHead: readResponsesHead,
  readRequest: readResponsesRequest,
  writeAnswer: writeResponsesAnswer,
  writeStream: writeResponsesStream,
  // The two APIs of OpenAI tell errors alike.
  errorBody: chatErrorBody,
  relay: { useOf: useOfResponse, watch: watchResponsesStream },
}
