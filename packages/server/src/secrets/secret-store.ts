import type { SecretHandle, SecretUse } from '@causeway/contracts'
import type { Scope } from '../database/index.ts'

/** A value as a store holds it. */
export interface FoundSecret {
  value: string
  use: SecretUse
}

/** Which secret of a store is meant. */
export interface SecretPlace {
  /** A plain name, or a path below the folder of the environment. */
  path: string
  /** The member of the value that is wanted, where that is a map. */
  field: string | undefined
}

/** Where operators keep the values of secrets. Nothing lists them: a store answers for the one that is asked for. */
export interface SecretStore {
  /** As it stands in messages, with the address where there is one. */
  readonly description: string
  /** Milliseconds for which a value is used without a look at the store. */
  readonly freshMs: number
  /**
   * The value, or undefined where the store has none.
   * @throws SecretStoreError when it cannot be said
   */
  find(scope: Scope, place: SecretPlace): Promise<FoundSecret | undefined>
}

/** Why a store could not say what it holds. The message ends with what to do and never holds a value. */
export class SecretStoreError extends Error {
  override readonly name = 'SecretStoreError'
}

export type ExternalStoreName = 'vault' | 'aws' | 'gcp'

/** What a handle means: a plain name, or a place in a store outside. */
export type ParsedHandle = { store: 'own'; place: SecretPlace } | { store: ExternalStoreName; place: SecretPlace }

const externalHandle = /^(?<store>vault|aws|gcp):(?<path>[^#]+)(#(?<field>.+))?$/

/** Reads a handle that its schema has let pass. */
export function parseHandle({ secret }: SecretHandle): ParsedHandle {
  const groups = externalHandle.exec(secret)?.groups
  if (!groups) return { store: 'own', place: { path: secret, field: undefined } }
  const { store, path = '', field } = groups
  return { store: store as ExternalStoreName, place: { path, field } }
}

/** In stores outside, what lies below `providers` is for providers only. */
export const useOf = (path: string): SecretUse => (/^providers[/-]/.test(path) ? 'providers' : 'any')
