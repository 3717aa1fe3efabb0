import type { ClientDialect, UpstreamDialect } from '../dialect.ts'
import { chatErrorBody } from './error-body.ts'
import { readChatHead } from './head.ts'
import { readChatAnswer, readChatStream } from './read-answer.ts'
import { readChatRequest } from './read-request.ts'
import { watchChatStream } from './stream-watch.ts'
import { useOfChatAnswer } from './use-of.ts'
import { writeChatAnswer, writeChatStream } from './write-answer.ts'
import { writeChatRequest } from './write-request.ts'

/** OpenAI's Chat Completions API. Source: https://platform.openai.com/docs/api-reference/chat */
export const openAiChat: UpstreamDialect & ClientDialect = {
  name: 'openai-chat',
  writeRequest: writeChatRequest,
  readStream: readChatStream,
  readAnswer: readChatAnswer,
  readHead: readChatHead,
  readRequest: readChatRequest,
  writeAnswer: writeChatAnswer,
  writeStream: writeChatStream,
  errorBody: chatErrorBody,
  relay: { useOf: useOfChatAnswer, watch: watchChatStream },
}
