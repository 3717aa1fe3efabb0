import * as z from 'zod'
import { errorCatalogue } from './error-catalogue.ts'

/** Stable code of an error; see docs/reference/errors.md. */
export const ErrorCode = z.enum(Object.keys(errorCatalogue) as [keyof typeof errorCatalogue])
export type ErrorCode = z.infer<typeof ErrorCode>

/** One wrong place in a request: a JSON Pointer (RFC 6901) and what is wrong there. */
export const ProblemPlace = z.object({ pointer: z.string(), message: z.string() })
export type ProblemPlace = z.infer<typeof ProblemPlace>

/** Body of every error of the platform API (RFC 9457, `application/problem+json`). */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: ErrorCode,
  detail: z.string(),
  remedy: z.string(),
  problems: z.array(ProblemPlace).optional(),
  traceId: z.string().optional(),
})
export type Problem = z.infer<typeof Problem>

interface CausewayErrorOptions {
  readonly cause?: unknown
  readonly problems?: readonly ProblemPlace[]
  /** Seconds after which a retry makes sense; sent as Retry-After. */
  readonly retryAfterSeconds?: number
  /** Trace under which the platform handled the request that failed. */
  readonly traceId?: string
}

/** An error with a code of the catalogue. Everything that a caller may see is thrown as one of these. */
export class CausewayError extends Error {
  override readonly name = 'CausewayError'
  readonly code: ErrorCode
  readonly problems: readonly ProblemPlace[] | undefined
  readonly retryAfterSeconds: number | undefined
  readonly traceId: string | undefined

  /** @param detail one sentence that says what happened in this case. */
  constructor(code: ErrorCode, detail: string, options: CausewayErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.problems = options.problems
    this.retryAfterSeconds = options.retryAfterSeconds
    this.traceId = options.traceId
  }

  /** HTTP status of the code. */
  get status(): number {
    return errorCatalogue[this.code].status
  }

  /** Whether the same request may succeed later. */
  get retryable(): boolean {
    return errorCatalogue[this.code].retryable
  }

  /** The problem document of this error (RFC 9457). */
  toProblem(traceId: string | undefined = this.traceId): Problem {
    const { title, status, remedy } = errorCatalogue[this.code]
    return {
      type: `urn:causeway:error:${this.code}`,
      title,
      status,
      code: this.code,
      detail: this.message,
      remedy,
      ...(this.problems && { problems: [...this.problems] }),
      ...(traceId && { traceId }),
    }
  }
}
