import { ProviderFailure } from '../../provider-failure.ts'

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/** An error of the connection, as a failure that says which provider and why. */
export function connectionFailure(provider: string, error: unknown): Error {
  if (error instanceof ProviderFailure) return error
  const code = codeOf(error)
  if (code === 'UND_ERR_CONNECT_TIMEOUT')
    return new ProviderFailure('provider-timeout', `Provider "${provider}" could not be reached in time.`, {
      failureClass: 'silent',
      cause: error,
    })
  return new ProviderFailure(
    'provider-failed',
    `The connection to provider "${provider}" failed (${code ?? 'unknown'}).`,
    {
      failureClass: 'transient',
      cause: error,
    },
  )
}

/** The provider was silent for too long. */
export const silence = (provider: string, milliseconds: number): ProviderFailure =>
  new ProviderFailure('provider-timeout', `Provider "${provider}" sent nothing for ${milliseconds / 1000} s.`, {
    failureClass: 'silent',
  })
