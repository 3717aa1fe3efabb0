import type { CausewayError, TokenUsage } from '@causeway/contracts'
import type { CollectedAnswer } from '../answer-collector.ts'
import type { ModelEvent, ReportedBilling } from '../model-event.ts'
import type { ModelRequest } from '../model-request.ts'
import type { FinishReason } from '../model-response.ts'
import type { DialectName } from './dialect-name.ts'

/** A dialect as providers speak it: requests are written in it and answers are read. */
export interface UpstreamDialect {
  readonly name: DialectName
  /**
   * The body for a provider.
   * @throws CausewayError invalid-request where the request holds something whose loss would change the answer
   */
  writeRequest(request: ModelRequest, options: WriteRequestOptions): WrittenRequest
  /**
   * The events of a streamed answer. Ends without `finished` when the body does.
   * @throws ProviderFailure for an error that is reported in the stream, or an event that cannot be read
   */
  readStream(provider: string, body: StreamBody): AsyncGenerator<ModelEvent, void>
  /** The events of a whole answer, parsed. @throws ProviderFailure for one that cannot be read */
  readAnswer(provider: string, body: unknown): ModelEvent[]
}

/** The bytes of a streamed answer. */
export interface StreamBody extends AsyncIterable<Buffer> {
  /** Told when the answer is whole though marks may follow, so that their absence is not waited for. */
  endSoon?(): void
}

export interface WriteRequestOptions {
  /** The name of the model at the provider. */
  model: string
  stream: boolean
  /** What the server does differently; only some dialects have servers that differ. */
  quirks?: Quirks
}

export interface WrittenRequest {
  body: Record<string, unknown>
  /** Fields of the request that this dialect has no place for, as the client named them. */
  dropped: string[]
}

/** Ways in which a server departs from the dialect that it claims to speak. */
export interface Quirks {
  /** How the limit of the answer is called. */
  tokenLimitField?: 'max_tokens' | 'max_completion_tokens'
  /** Fields that the server refuses. They are left out and reported. */
  refusedFields?: readonly string[]
  /** The server takes no `stream_options`. */
  noStreamOptions?: boolean
  /** The server knows no messages of developers; they are those of the system to it. */
  noDeveloperRole?: boolean
  /** How to ask for structured output by a schema, where `json_schema` is not understood. */
  jsonSchema?: 'json_schema' | 'json_object' | 'none'
  /** The field in which thoughts without a signature are handed back, where the server wants them. */
  reasoningField?: 'reasoning_content' | 'reasoning'
  /** The field in which a last message of the assistant is marked for continuation; absent where it cannot be continued. */
  prefillField?: 'prefix' | 'partial' | 'continue_final_message'
}

/** A dialect as clients speak it: their requests are read and answers are written in it. */
export interface ClientDialect {
  readonly name: DialectName
  /** What the gateway has to know of every request, found without parsing the whole of it. @throws CausewayError invalid-json, invalid-request */
  readHead(body: Buffer, address: RequestAddress): RequestHead
  /** @throws CausewayError invalid-json, invalid-request */
  readRequest(body: Buffer, address: RequestAddress): ModelRequest
  writeAnswer(head: AnswerHead, answer: CollectedAnswer): Record<string, unknown>
  /** `emitted` is what the client has been sent already by a stream that broke off and is now continued. */
  writeStream(head: AnswerHead, emitted?: CollectedAnswer): StreamWriter
  /** The body of an error as the official clients read it. */
  errorBody(error: CausewayError, requestId: string): Record<string, unknown>
  /** The answer to the question how many tokens a request has, in dialects where clients can ask. */
  writeTokenCount?(tokens: number): Record<string, unknown>
  /** Watches an answer of the same dialect that is handed on unread. */
  readonly relay: RelayReader
}

/** A dialect that both clients and providers speak. */
export type Dialect = UpstreamDialect & ClientDialect

/** What the path of a request says; only some dialects name the model there. */
export interface RequestAddress {
  model?: string
  stream?: boolean
  /** How a stream is to be written, where not as server-sent events. */
  framing?: 'json-array'
}

/** What the gateway needs to know of a request. The rest of it is not read. */
export interface RequestHead {
  /** The name of a Route, or `provider/model`. */
  model: string
  stream: boolean
  /** The most that the answer may have, over all choices; undefined when the request sets no limit. */
  maxOutputTokens: number | undefined
  /** The client's own wish to share a prompt cache with other requests. */
  cacheKey: string | undefined
  /** Whether the gateway asks for usage that the client did not ask for, so that it must not see it. */
  hideUsage: boolean
  /**
   * The body for a provider of the same dialect. All bytes are the client's but the name of the model, the wish for usage, and the
   * names of members that its server calls otherwise.
   */
  bodyFor(model: string, quirks?: Quirks): Buffer
}

/** What is the same in all parts of one answer. */
export interface AnswerHead {
  requestId: string
  /** Seconds since 1970. */
  created: number
  /** The name of the model that answers. */
  model: string
  /** The client's body, parsed: some dialects repeat it in the answer. */
  request: Record<string, unknown>
}

/** Writes the events of an answer as a stream. Each method gives text that is ready to send, which may be empty. */
export interface StreamWriter {
  begin(): string
  write(event: ModelEvent): string
  /** Everything from the last content to the end of the stream. */
  end(answer: CollectedAnswer): string
  /** The end of a stream that failed: the client must not take what it has for a whole answer. */
  fail(error: CausewayError): string
}

/** What is taken from an answer that goes by. */
export interface AnswerUse {
  usage: TokenUsage | undefined
  billing?: ReportedBilling | undefined
  finishReason: FinishReason | undefined
}

export interface RelayReader {
  /** The usage and the end of a whole answer. */
  useOf(body: Buffer): AnswerUse
  watch(options: { hideUsage: boolean }): StreamWatch
}

/** What was seen of a stream that goes by. */
export interface StreamWatch {
  /** Looks at a block of whole events and gives back what the client is to have of it. Parses only where there is something to see. */
  pass(block: Buffer): Buffer
  readonly seen: AnswerUse & {
    /** Whether there was anything that a client could show. */
    content: boolean
    /** Whether the dialect's mark of a good end was seen. */
    done: boolean
    /** The error that the provider reported in its stream. */
    error: unknown
    /** Events with content; for most providers each has about one token. */
    events: number
  }
}
