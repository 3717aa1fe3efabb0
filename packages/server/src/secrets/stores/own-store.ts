import type { Database } from '../../database/index.ts'
import { openEnvelope } from '../encryption/envelope.ts'
import type { MasterKeys } from '../encryption/master-keys.ts'
import { SecretStoreError, type SecretStore } from '../secret-store.ts'
import { findSecret } from '../store.ts'

// Milliseconds. So late, at most, a value that was set at one replica is taken by another.
const freshMs = 5000

/** The platform's own store: values in its database, encrypted. */
export function createOwnStore({ database, keys }: { database: Database; keys: MasterKeys }): SecretStore {
  return {
    description: 'the store of the platform',
    freshMs,
    async find(scope, { path }) {
      const found = await findSecret(database.kysely, scope, path)
      if (!found) return undefined
      const { version, use, envelope } = found
      const key = keys.find(envelope.masterKey)
      try {
        return { value: openEnvelope(key, { ...scope, name: path, version }, envelope), use }
      } catch {
        throw new SecretStoreError('It does not open: its row was changed outside the platform. Set it again.')
      }
    },
  }
}
