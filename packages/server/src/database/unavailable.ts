import { CausewayError } from '@causeway/contracts'

const retryAfterSeconds = 2

/** Node's codes for a connection that cannot be made or has broken, and their like in PostgreSQL (class 08, 53, 57). */
const lossCodes =
  /^(ECONN\w+|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|08\w{3}|53[0-9]{3}|57P0\d|57014|25P03)$/

/** Sentences of `pg` for the same, which carry no code. */
const lossMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Cannot use a pool|Client was closed|Client has encountered a connection error|The embedded database)/

/** Whether the database did not answer, as opposed to having refused the statement. */
export function isUnavailable(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? error.code : undefined
  return typeof code === 'string' ? lossCodes.test(code) : lossMessages.test(error.message)
}

/** Whether the server answered with an error, after which the connection is still good. */
export const isAnswer = (error: unknown): boolean =>
  error instanceof Error && 'severity' in error && error.severity === 'ERROR'

/** Whether a text was refused that PostgreSQL cannot keep: NUL, or JSON with half of a surrogate pair. */
const isUnstorable = (error: Error): boolean =>
  'code' in error &&
  (error.code === '22021' ||
    error.code === '22P05' ||
    (error.code === '22P02' && 'detail' in error && /surrogate/.test(String(error.detail))))

/**
 * An error of `pg` as the caller may see it: loss of the database becomes 'database-unavailable', a text that cannot be kept
 * 'invalid-request', others stay.
 */
export function databaseError(error: unknown): unknown {
  if (error instanceof CausewayError) return error
  if (error instanceof Error && isUnstorable(error))
    return new CausewayError(
      'invalid-request',
      'A text has NUL or half of a surrogate pair in it, which cannot be kept.',
      {
        cause: error,
      },
    )
  if (!isUnavailable(error)) return error
  return new CausewayError('database-unavailable', error.message, { cause: error, retryAfterSeconds })
}

/** For callers that are turned away before they reach the database. */
export const tooManyWaiters = (count: number): CausewayError =>
  new CausewayError('database-unavailable', `${count} requests already wait for a connection`, { retryAfterSeconds })
