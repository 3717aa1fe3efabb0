import type {
  Cost,
  Decision,
  ErrorCode,
  GuardrailFinding,
  StructuredOutputResult,
  TokenUsage,
} from '@causeway/contracts'
import type { RateLimit } from '../budgets/index.ts'
import type { Connection } from '../database/index.ts'
import type { TraceContext } from '../http/index.ts'
import type { Caller } from '../identity/index.ts'
import type { AttemptRecord } from './attempt-record.ts'
import type { DialectName } from './dialects/dialect-name.ts'
import type { FinishReason } from './model-response.ts'
import type { CallEstimate } from './prices/price-call.ts'

/** What a model call is about to reach, with which data. `route` is the name that the client used. */
export interface ModelCallSubject {
  route: string
  provider: string
  model: string
  /** Where the provider processes data; null where that is not known. */
  region: string | null
  /** The classes of data that the provider may be sent. */
  accepts: readonly string[] | 'every'
  /** The classes of the data that is sent. */
  dataClasses: readonly string[]
}

/** What a call has used up. Zero everywhere when no provider began to answer. */
export interface CallUse {
  usage: TokenUsage
  usageEstimated: boolean
  cost: Cost
  /** Version of the price list behind `cost`. */
  priceVersion: string
}

/** One finished call, for telemetry. It carries no content. */
export interface ModelCallRecord extends CallUse {
  requestId: string
  /** Where in a trace of its client the call was made; absent where that said nothing of it. */
  trace?: TraceContext | undefined
  /** The call that it is a shadow of; null for what a client asked. */
  shadowOf: string | null
  caller: ModelCaller
  /** The session in which it was made; null for one outside of any. */
  sessionId: string | null
  dialect: DialectName | 'openai-embeddings' | 'openai-media' | 'rerank'
  streamed: boolean
  route: string
  /** How the route chose its targets; null when the call ended before that. */
  routing: { strategy: string; reason: string; leftOut: string[] } | null
  /** The target that answered, or that failed last; null when none was tried. */
  provider: string | null
  model: string | null
  rehearsal: boolean
  /** `abandoned`: the client left before the end. */
  outcome: 'completed' | 'failed' | 'abandoned'
  errorCode: ErrorCode | null
  /** Why a policy, a budget or the route refused the call. What providers say is not kept: it may repeat the prompt. */
  errorMessage: string | null
  /** The route that a used-up budget sent the call to. */
  downgradedTo: string | null
  /** Budgets that were nearly used up. */
  budgetWarnings: readonly string[]
  finishReason: FinishReason | null
  /** The tier that the provider served it in, where it said so. */
  serviceTier: string | null
  /** Whether an answer that was kept was given; null where none may be. */
  cache: 'hit' | 'miss' | null
  /** What the answer cost when it was first given. */
  savedNanoUsd: number
  /** Whether the answer fits the schema that was asked for; null where nothing was to be checked. */
  structuredOutput: { result: StructuredOutputResult; repairs: number } | null
  /** The classes of the data that was sent, or would have been. */
  dataClasses: readonly string[]
  guardrails: readonly GuardrailFinding[]
  attempts: readonly AttemptRecord[]
  startedAt: Date
  /** Milliseconds from the start to the first byte of content; null when there was none. */
  firstByteMs: number | null
  durationMs: number
}

/** Something that was set aside for a call. */
export interface HeldRoom {
  /** Budgets that are nearly used up. */
  readonly warnings: readonly string[]
  /** What is left of the budgets. */
  rateLimits(): RateLimit[]
}

/** Who asks for a model: somebody with a key, for an agent whose loop a team has written itself or for nobody else. */
export interface ModelCaller extends Caller {
  agent?: string
}

/** The session that a call of such a loop belongs to. */
export interface CallingSession {
  readonly id: string
  readonly agent: string
  /** The classes of data that its model may have read. */
  readonly dataClasses: readonly string[]
  /**
   * Holds what the call may use at most until it is noted, in place of what it held before or beside that.
   * @throws CausewayError limit-exceeded where the session has used up what the agent may, or its calls could go beyond that
   */
  admit(estimate: CallEstimate, options: { beside: boolean }): Promise<void>
  /** Puts a finished call into the log of the session. Does not throw. */
  note(call: ModelCallRecord): Promise<void>
}

/** What the gateway needs from the rest of the platform. */
export interface ModelPorts {
  /** @throws CausewayError not-found, conflict (erased), missing-right */
  callingSession(caller: Caller, id: string): Promise<CallingSession>
  /** Whether the caller may call this model. What is neither allowed nor denied (`ask`) is refused: nobody waits to be asked. */
  decide(caller: ModelCaller, subject: ModelCallSubject): Promise<Decision>
  /** Holds the most that a call can cost, or so many requests of a batch together. @throws BudgetExceeded */
  reserve(
    caller: ModelCaller,
    subject: ModelCallSubject,
    estimate: CallEstimate & { requests?: number },
  ): Promise<HeldRoom>
  /** Replaces what was held by what was used. It is either settled or released, once. */
  settle(held: HeldRoom, use: CallUse): Promise<void>
  /** Gives back what was held for a target that did not begin to answer. */
  release(held: HeldRoom): Promise<void>
  record(record: ModelCallRecord): void
  /** The same for a call whose record is written already. */
  observe(record: ModelCallRecord): void
  /**
   * Finds the budgets of calls in the windows that were open when they were made. What is given back books the difference
   * between what was settled and what they turned out to have used, in a transaction.
   */
  correction(made: {
    caller: Caller
    route: string
    at: Date
  }): Promise<(connection: Connection, change: CallChange) => Promise<void>>
}

/** What was used beyond what was settled; less where it is negative. */
export interface CallChange {
  tokens: number
  nanoUsd: number
}
