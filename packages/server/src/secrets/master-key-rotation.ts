import type { KeyRotation } from '@causeway/contracts'
import type { Connection, Database } from '../database/index.ts'
import type { Caller } from '../http/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { rewrapKey, type Envelope, type EnvelopeOwner } from './encryption/envelope.ts'
import type { MasterKey } from './encryption/master-key.ts'
import type { MasterKeys } from './encryption/master-keys.ts'
import { storeErrorsKnown, type OwnSecretsDependencies } from './own-secrets.ts'
import { SecretStoreError } from './secret-store.ts'
import {
  changeMasterKey,
  countVersions,
  lockMasterKey,
  masterKeysInUse,
  otherwiseWrapped,
  registeredMasterKey,
  registerMasterKey,
  replaceWrappedKey,
} from './store.ts'

// Data keys that are wrapped anew in one transaction.
const batch = 200

/**
 * Sees to it at the first start that there is a master key. A key that cannot be used does not stop the platform, which can
 * do without its own store.
 */
export async function prepareMasterKey({
  database,
  keys,
  logger,
}: {
  database: Database
  keys: MasterKeys
  logger: Logger
}): Promise<void> {
  try {
    const registered = await registeredMasterKey(database.kysely)
    if (registered) keys.find(registered)
    else await registerMasterKey(database.kysely, keys.newestOrMade().id)
  } catch (error) {
    if (!(error instanceof SecretStoreError)) throw error
    logger.warn(`Secrets of the platform's own store cannot be read or set. ${error.message}`)
  }
}

/**
 * Wraps all data keys with the newest master key, which is made now where the platform keeps its keys itself. What was done
 * stays done if it breaks off: until the end both keys are known, and the next time it goes on.
 * @throws CausewayError secret-store-unavailable
 */
export function rotateMasterKey(
  { database, keys, audit }: OwnSecretsDependencies,
  caller: Caller,
): Promise<KeyRotation> {
  const { organisationId, environment, actor } = caller
  const record = (connection: Connection, action: string, subject: string, detail: Record<string, unknown>) =>
    audit.record(connection, { organisationId, environment, actor, action, subject, detail })
  return storeErrorsKnown(async () => {
    const { key, created } = await database.transaction(async transaction => {
      const before = await lockMasterKey(transaction)
      const chosen = await choose(transaction, keys, before)
      if (chosen.key.id === before) return chosen
      await changeMasterKey(transaction, chosen.key.id)
      await record(transaction, 'master-key.changed', chosen.key.id, { before: before ?? null })
      return chosen
    })
    const rewrapped = await rewrapAll(database, keys, key)
    const total = await countVersions(database.kysely)
    await database.transaction(transaction => record(transaction, 'secrets.rewrapped', key.id, { rewrapped, total }))
    return { masterKey: key.id, created, rewrapped, total }
  })
}

/** The key to wrap with. Everything that it takes is looked for before anything is changed. */
async function choose(
  transaction: Connection,
  keys: MasterKeys,
  before: string | undefined,
): Promise<{ key: MasterKey; created: boolean }> {
  const inUse = await masterKeysInUse(transaction)
  for (const id of inUse) keys.find(id)
  const newest = keys.newestOrMade()
  // A change that broke off is ended before another one begins.
  if (newest.id !== before || inUse.some(id => id !== newest.id)) return { key: newest, created: false }
  const made = keys.make()
  return { key: made ?? newest, created: made !== undefined }
}

async function rewrapAll(database: Database, keys: MasterKeys, to: MasterKey): Promise<number> {
  let rewrapped = 0
  for (;;) {
    const rows = await otherwiseWrapped(database.kysely, to.id, batch)
    if (rows.length === 0) return rewrapped
    await database.transaction(async transaction => {
      for (const { owner, envelope } of rows) {
        const from = keys.find(envelope.masterKey)
        const wrappedKey = rewrap({ from, to }, owner, envelope)
        await replaceWrappedKey(transaction, owner, { from: from.id, to: to.id, wrappedKey })
      }
    })
    rewrapped += rows.length
  }
}

/** @throws SecretStoreError for a row that was changed: it would be lost without a word */
function rewrap(keys: { from: MasterKey; to: MasterKey }, owner: EnvelopeOwner, { wrappedKey }: Envelope): string {
  try {
    return rewrapKey(keys, owner, wrappedKey)
  } catch {
    throw new SecretStoreError(
      `Version ${owner.version} of the secret ${owner.name} (${owner.environmentId}) does not open: its row was changed ` +
        'outside the platform. Set or delete that secret, then rotate again.',
    )
  }
}
