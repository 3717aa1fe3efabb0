import type { UpstreamDialect } from '../dialect.ts'
import { readConverseAnswer } from './read-answer.ts'
import { readConverseStream } from './read-stream.ts'
import { writeConverseRequest } from './write-request.ts'

/** The Converse API of Amazon Bedrock. Source: https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference.html */
export const bedrockConverse: UpstreamDialect = {
  name: 'bedrock-converse',
  writeRequest: writeConverseRequest,
  readStream: readConverseStream,
  readAnswer: readConverseAnswer,
}
