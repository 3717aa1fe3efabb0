import { ProviderFailure } from '../../provider-failure.ts'
import { classifyFailure, readProviderError } from './provider-error.ts'

/** An error that a provider reported inside a stream that had begun with status 200. */
export function streamedError(provider: string, error: unknown, cause?: unknown): ProviderFailure {
  const told = readProviderError(error)
  const code = told.names.map(Number).find(status => status >= 400 && status < 600)
  const message = told.message?.slice(0, 2000) ?? 'no reason given'
  return new ProviderFailure('provider-failed', `Provider "${provider}" reported an error in its stream: ${message}`, {
    // Without a status of its own it is taken for a fault of the server, unless it names another.
    failureClass: classifyFailure(code ?? statusByName(told.names), told),
    cause,
  })
}

const ofTheRequest: ReadonlySet<string> = new Set(['invalid_request_error', 'validationexception', 'invalid_argument'])

function statusByName(names: readonly string[]): number {
  if (names.some(name => ofTheRequest.has(name))) return 400
  return names.some(name => /rate|throttl|exhausted/.test(name)) ? 429 : 500
}
