import type { ClientDialect, UpstreamDialect } from '../dialect.ts'
import { messagesErrorBody } from './error-body.ts'
import { readMessagesHead } from './head.ts'
import { readMessagesAnswer, readMessagesStream } from './read-answer.ts'
import { readMessagesRequest } from './read-request.ts'
import { messagesRelay } from './relay.ts'
import { writeMessagesAnswer, writeMessagesStream } from './write-answer.ts'
import { writeMessagesRequest } from './write-request.ts'

/** Anthropic's Messages API. Source: https://docs.claude.com/en/api/messages */
export const anthropicMessages: UpstreamDialect & ClientDialect = {
  name: 'anthropic-messages',
  writeRequest: writeMessagesRequest,
  readStream: readMessagesStream,
  readAnswer: readMessagesAnswer,
  readHead: readMessagesHead,
  readRequest: readMessagesRequest,
  writeAnswer: writeMessagesAnswer,
  writeStream: writeMessagesStream,
  errorBody: messagesErrorBody,
  writeTokenCount: tokens => ({ input_tokens: tokens }),
  relay: messagesRelay,
}
