import { CausewayError, type SecretHandle } from '@causeway/contracts'
import type { Secrets } from '../../secrets/index.ts'

/** The key of a provider, or undefined when the operator has set none. */
export function secretValue(secrets: Secrets, handle: SecretHandle): string | undefined {
  try {
    return secrets.resolve(handle, 'provider')
  } catch (error) {
    if (error instanceof CausewayError && error.code === 'secret-not-found') return undefined
    throw error
  }
}
