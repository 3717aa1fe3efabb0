import { CausewayError, type ErrorCode, type TokenUsage } from '@causeway/contracts'
import type { AttemptRecord } from './attempt-record.ts'
import type { FailureClass } from './failure-class.ts'

/** An error answer of a provider as it came. */
export interface UpstreamAnswer {
  status: number
  contentType: string
  body: Buffer
}

interface ProviderFailureOptions {
  failureClass: FailureClass
  cause?: unknown
  /** HTTP status of the provider's answer, where there was one. */
  status?: number | undefined
  /** Milliseconds that the provider asked us to wait. */
  retryAfterMs?: number | undefined
  answer?: UpstreamAnswer | undefined
}

/** A failed attempt at one target. */
export class ProviderFailure extends CausewayError {
  readonly failureClass: FailureClass
  readonly providerStatus: number | undefined
  readonly retryAfterMs: number | undefined
  readonly answer: UpstreamAnswer | undefined
  /** Attempts made over all targets before this was given up. */
  attempts: readonly AttemptRecord[] = []
  /** What was answered before it failed, which nobody gets and which is paid for. */
  used: TokenUsage | undefined

  constructor(code: ErrorCode, detail: string, options: ProviderFailureOptions) {
    const { failureClass, cause, status, retryAfterMs, answer } = options
    super(code, detail, {
      cause,
      ...(retryAfterMs !== undefined && { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) }),
    })
    this.failureClass = failureClass
    this.providerStatus = status
    this.retryAfterMs = retryAfterMs
    this.answer = answer
  }
}

/** The stream of a provider ended before the model had finished. */
export const cutOff = (provider: string, cause?: unknown): ProviderFailure =>
  new ProviderFailure('provider-failed', `The answer of provider "${provider}" broke off before its end.`, {
    failureClass: 'transient',
    cause,
  })
