import { ProviderFailure } from '../../provider-failure.ts'

/** An error that a provider reported inside a stream that had begun with status 200. */
export function streamedError(provider: string, error: unknown, cause?: unknown): ProviderFailure {
  const message = messageOf(error)
  return new ProviderFailure('provider-failed', `Provider "${provider}" reported an error in its stream: ${message}`, {
    conduct: 'retry',
    cause,
  })
}

function messageOf(error: unknown): string {
  if (typeof error === 'string') return error.slice(0, 2000)
  if (typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string')
    return error.message.slice(0, 2000)
  return 'no reason given'
}
