import { CausewayError } from '@causeway/contracts'
import { ToolOutage } from './tool-call.ts'

const neverArrived: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/**
 * What a request that brought no answer says of the call. Whether it can have arrived decides.
 * @param otherwise what it is where it can
 */
export function connectionFailure(cause: unknown, otherwise: 'tool-failed' | 'tool-outcome-unknown'): CausewayError {
  const code = codeOf(cause)
  if (neverArrived.has(code))
    return new CausewayError('tool-failed', `The tool cannot be reached (${code}).`, {
      cause: new ToolOutage(code, { cause }),
    })
  const why = code || (cause instanceof Error ? cause.message : String(cause))
  return new CausewayError(
    otherwise,
    otherwise === 'tool-failed'
      ? `The tool cannot be spoken with: ${why}`
      : `The connection ended before the tool answered (${why}).`,
    { cause },
  )
}

/** The code of the system, which clients wrap. */
function codeOf(cause: unknown): string {
  for (let each: unknown = cause; each instanceof Error; each = each.cause)
    if ('code' in each && typeof each.code === 'string') return each.code
  return ''
}
