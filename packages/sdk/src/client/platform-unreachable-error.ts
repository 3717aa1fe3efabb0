/** The platform did not answer, or something else did at its address. */
export class PlatformUnreachableError extends Error {
  override readonly name = 'PlatformUnreachableError'
}

/** The error for a request that got no answer, with what is known of the reason. */
export function unreachable(url: URL, cause: unknown): PlatformUnreachableError {
  if (cause instanceof DOMException && cause.name === 'TimeoutError')
    return new PlatformUnreachableError(`Causeway at ${url.origin} ${cause.message}. Try again, or look at its log.`, {
      cause,
    })
  const reason = reasonOf(cause)
  return new PlatformUnreachableError(
    `Causeway does not answer at ${url.origin}${reason ? ` (${reason})` : ''}. Is it running? Start it with npm start, or give its address.`,
    { cause },
  )
}

/** The error for an answer that the platform would not give. */
export const foreign = (url: URL, what: string): PlatformUnreachableError =>
  new PlatformUnreachableError(`What answers at ${url.origin} is not the Causeway API: ${what}. Check the address.`)

/** The reason as the system names it, such as ECONNREFUSED, or in words; fetch hides it in the causes of its own error. */
function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if (error.cause !== undefined) return reasonOf(error.cause)
  return 'code' in error && typeof error.code === 'string' && error.code.startsWith('E') ? error.code : error.message
}
