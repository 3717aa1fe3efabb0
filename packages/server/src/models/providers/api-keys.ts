import type { ProviderSpec, SecretHandle } from '@causeway/contracts'
import type { Secrets } from '../../secrets/index.ts'
import type { Availability, Target } from './provider-adapter.ts'
import { whyNoSecret } from './secret-value.ts'

type KeyedSpec = Extract<ProviderSpec, { apiKey?: unknown }>

/** The handles of a provider's keys in their order. */
export const apiKeysOf = ({ apiKey }: KeyedSpec): SecretHandle[] => (apiKey ? [apiKey].flat() : [])

/** The key that an attempt uses; undefined where the provider takes none. @throws CausewayError secret-not-found, secret-store-unavailable */
export function apiKeyFor({ scope, spec, key = 0 }: Target<KeyedSpec>, secrets: Secrets): string | undefined {
  const handles = apiKeysOf(spec)
  const handle = handles[key % Math.max(1, handles.length)]
  return handle && secrets.resolve(scope, handle, 'provider')
}

/** Available while each of its keys has a value. */
export function availableWithKeys({ scope, spec, model }: Target<KeyedSpec>, secrets: Secrets): Availability {
  const missing = apiKeysOf(spec).flatMap(handle => whyNoSecret(secrets, scope, handle) ?? [])
  const [why] = missing
  return why === undefined ? { available: true, model } : { available: false, why }
}
