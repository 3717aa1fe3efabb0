import type { IncomingHttpHeaders } from 'node:http'
import type { TokenUsage } from '@causeway/contracts'

/** What a model can be asked for, apart from generating an answer, that has one whole answer. */
export type WholeOperation = 'embed' | 'rerank'

export interface WrittenOperation {
  body: Buffer
  /** Fields of the client that the provider has no place for. */
  dropped: string[]
}

export interface OperationAnswer {
  /** In the form that the client knows. */
  body: Buffer
  /** Undefined where the provider does not count. */
  usage: TokenUsage | undefined
}

/** How a provider takes an operation, from a request in the form that clients send to the answer in the form that they know. */
export interface OperationDialect {
  /** Whether both forms are the client's, so that errors of the provider are too. */
  readonly asItIs: boolean
  /** Texts that the provider embeds in one request, where that is not as many as are sent. */
  readonly textsAtOnce?: number
  /** @throws CausewayError invalid-json, invalid-request where the provider cannot take what is asked */
  write(body: Buffer, model: string): WrittenOperation
  /** @throws ProviderFailure for an answer that cannot be read */
  read(
    provider: string,
    answer: Buffer,
    context: { request: Buffer; model: string; headers: IncomingHttpHeaders },
  ): OperationAnswer
}
