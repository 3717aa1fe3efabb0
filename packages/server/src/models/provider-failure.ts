import { CausewayError, type ErrorCode } from '@causeway/contracts'

/** What to do after a failure: try the same target again, try the next one, or give up because every target would refuse. */
export type FailureConduct = 'retry' | 'next-target' | 'final'

/** An error answer of a provider as it came. */
export interface UpstreamAnswer {
  status: number
  contentType: string
  body: Buffer
}

interface ProviderFailureOptions {
  conduct: FailureConduct
  cause?: unknown
  /** Milliseconds that the provider asked us to wait. */
  retryAfterMs?: number | undefined
  answer?: UpstreamAnswer | undefined
}

/** A failed attempt at one target. */
export class ProviderFailure extends CausewayError {
  readonly conduct: FailureConduct
  readonly retryAfterMs: number | undefined
  readonly answer: UpstreamAnswer | undefined
  /** Attempts made over all targets before this was given up. */
  attempts = 1

  constructor(code: ErrorCode, detail: string, { conduct, cause, retryAfterMs, answer }: ProviderFailureOptions) {
    super(code, detail, {
      cause,
      ...(retryAfterMs !== undefined && { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) }),
    })
    this.conduct = conduct
    this.retryAfterMs = retryAfterMs
    this.answer = answer
  }
}

/** The stream of a provider ended before the model had finished. */
export const cutOff = (provider: string, cause?: unknown): ProviderFailure =>
  new ProviderFailure('provider-failed', `The answer of provider "${provider}" broke off before its end.`, {
    conduct: 'retry',
    cause,
  })
