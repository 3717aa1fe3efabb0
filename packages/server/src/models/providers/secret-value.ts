import { CausewayError, type SecretHandle } from '@causeway/contracts'
import type { Scope } from '../../database/index.ts'
import type { Secrets } from '../../secrets/index.ts'

/** Why a provider's secret is not to be had; undefined when it is. */
export function whyNoSecret(secrets: Secrets, scope: Scope, handle: SecretHandle): string | undefined {
  try {
    secrets.resolve(scope, handle, 'provider')
    return undefined
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error
    return error.code === 'secret-not-found' ? `the secret ${handle.secret} has no value` : error.message
  }
}
