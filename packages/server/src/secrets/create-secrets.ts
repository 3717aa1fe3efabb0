import { CausewayError, type SecretHandle } from '@causeway/contracts'
import type { Scope } from '../database/index.ts'
import type { HiddenValues } from './hidden-values.ts'
import {
  parseHandle,
  SecretStoreError,
  type ExternalStoreName,
  type FoundSecret,
  type SecretStore,
} from './secret-store.ts'
import { variablesOf, type SecretPurpose } from './secret-variables.ts'
import { createValueCache } from './value-cache.ts'

/** Finds the values of secrets where the operator keeps them, at the last moment before they are used. */
export interface Secrets {
  /**
   * Looks up what is not in memory, for `resolve`. Undefined when nobody has to wait. Never rejects: `resolve` says what
   * could not be had.
   */
  ready(scope: Scope, handles: readonly SecretHandle[]): Promise<void> | undefined
  /**
   * The value of a handle for which `ready` was waited.
   * @throws CausewayError secret-not-found, secret-store-unavailable
   */
  resolve(scope: Scope, handle: SecretHandle, purpose: SecretPurpose): string
  /** Has values looked up anew before they are used again, because one was refused. */
  doubt(scope: Scope, handles: readonly SecretHandle[]): void
  /** Forgets a value that has just been replaced. */
  forget(scope: Scope, handle: SecretHandle): void
  /** Takes every value that was resolved out of a text, for errors and events. */
  redact(text: string): string
}

interface Dependencies {
  environment: Readonly<Record<string, string | undefined>>
  hidden: HiddenValues
  /** The platform's own store, of which a value counts before one in the environment. */
  own?: SecretStore
  external?: Partial<Record<ExternalStoreName, SecretStore>>
  /** Told when a look fails, also one that nobody waits for. */
  onFailure?: (failure: { secret: string; store: string; why: string }) => void
  clock?: () => number
}

/** What has to be set for a store that a handle names. */
const settingOf: Readonly<Record<ExternalStoreName, string>> = {
  vault: 'VAULT_ADDR and VAULT_TOKEN, or the role of the platform,',
  aws: 'CAUSEWAY_AWS_SECRETS_REGION and AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY',
  gcp: 'CAUSEWAY_GCP_SECRETS_PROJECT',
}

/**
 * Secrets of all stores behind one interface. A plain name is looked for in the platform's own store, then in the variable
 * `CAUSEWAY_SECRET_<NAME>` (for providers also under the name that their own clients use).
 */
export function createSecrets({ environment, hidden, own, external = {}, onFailure, clock }: Dependencies): Secrets {
  const cache = createValueCache({ ...(clock && { clock }) })
  const lookUp = (scope: Scope, handle: SecretHandle): Promise<void> | undefined => {
    const { store: name, place } = parseHandle(handle)
    const store = name === 'own' ? own : external[name]
    if (!store) return undefined
    const find = async (): Promise<FoundSecret | undefined> => {
      try {
        return await store.find(scope, place)
      } catch (error) {
        onFailure?.({ secret: handle.secret, store: store.description, why: messageOf(error) })
        throw error
      }
    }
    return cache.ready(keyOf(scope, handle), { freshMs: store.freshMs, find })
  }
  const found = (scope: Scope, handle: SecretHandle): FoundSecret | undefined => {
    try {
      return cache.read(keyOf(scope, handle))
    } catch (error) {
      throw unavailable(handle, error)
    }
  }
  const fromEnvironment = (name: string, purpose: SecretPurpose): string | undefined =>
    variablesOf(name, purpose)
      .map(variable => environment[variable])
      .find(value => value !== undefined && value !== '')

  const valueOf = (scope: Scope, handle: SecretHandle, purpose: SecretPurpose): string => {
    const { store: name, place } = parseHandle(handle)
    if (name === 'own') {
      const kept = own && found(scope, handle)
      if (kept) return allowed(kept, handle, purpose)
      const value = fromEnvironment(place.path, purpose)
      if (value !== undefined) return value
      throw missing(
        handle,
        `run "causeway secrets set ${place.path}" or set ${variablesOf(place.path, purpose).join(' or ')}`,
      )
    }
    const store = external[name]
    if (!store)
      throw new CausewayError(
        'secret-store-unavailable',
        `The store of the secret ${handle.secret} is not configured: set ${settingOf[name]} and start again.`,
      )
    const kept = found(scope, handle)
    if (!kept) throw missing(handle, `put it into ${store.description}`)
    return allowed(kept, handle, purpose)
  }

  return {
    ready(scope, handles) {
      const waits = handles.map(handle => lookUp(scope, handle)).filter(each => each !== undefined)
      return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined)
    },
    resolve(scope, handle, purpose) {
      const value = valueOf(scope, handle, purpose)
      hidden.add(value)
      return value
    },
    doubt(scope, handles) {
      for (const handle of handles) cache.doubt(keyOf(scope, handle))
    },
    forget: (scope, handle) => cache.forget(keyOf(scope, handle)),
    redact: text => hidden.redact(text),
  }
}

const keyOf = ({ environmentId }: Scope, { secret }: SecretHandle): string => `${environmentId} ${secret}`

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown')

function allowed({ value, use }: FoundSecret, { secret }: SecretHandle, purpose: SecretPurpose): string {
  if (use === 'any' || use === `${purpose}s`) return value
  throw new CausewayError('secret-not-found', `The secret ${secret} is for ${use} only; a ${purpose} does not get it.`)
}

const missing = ({ secret }: SecretHandle, remedy: string): CausewayError =>
  new CausewayError('secret-not-found', `The secret ${secret} has no value: ${remedy}.`)

/** An error of a store says what to do; any other one is ours and may hold anything. */
function unavailable({ secret }: SecretHandle, error: unknown): CausewayError {
  if (error instanceof CausewayError) return error
  const why = error instanceof SecretStoreError ? error.message : 'Its store failed; the log has the cause.'
  return new CausewayError('secret-store-unavailable', `The secret ${secret} cannot be read. ${why}`, { cause: error })
}
