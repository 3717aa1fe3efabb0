import { randomBytes } from 'node:crypto'
import type { Scope } from '../../database/index.ts'
import type { MasterKey } from './master-key.ts'
import { seal, unseal } from './seal.ts'

/** Whose value it is: an envelope that is copied to another row does not open there. */
export interface EnvelopeOwner extends Scope {
  name: string
  version: number
}

/** A value under a data key of its own, and that key under the master key. */
export interface Envelope {
  masterKey: string
  wrappedKey: string
  ciphertext: string
}

const dataKeyLength = 32

const contextOf = (
  what: 'value' | 'data-key',
  { organisationId, environmentId, name, version }: EnvelopeOwner,
): string => ['causeway-secret-1', what, organisationId, environmentId, name, version].join('\n')

export function closeEnvelope(masterKey: MasterKey, owner: EnvelopeOwner, value: string): Envelope {
  const dataKey = randomBytes(dataKeyLength)
  return {
    masterKey: masterKey.id,
    wrappedKey: seal(masterKey.bytes, dataKey, contextOf('data-key', owner)),
    ciphertext: seal(dataKey, Buffer.from(value), contextOf('value', owner)),
  }
}

/** @throws Error where the envelope is not this owner's or was changed */
export function openEnvelope(masterKey: MasterKey, owner: EnvelopeOwner, envelope: Envelope): string {
  const dataKey = unseal(masterKey.bytes, envelope.wrappedKey, contextOf('data-key', owner))
  return unseal(dataKey, envelope.ciphertext, contextOf('value', owner)).toString()
}

/** The data key under another master key. The value stays as it is. @throws as openEnvelope */
export function rewrapKey(
  { from, to }: { from: MasterKey; to: MasterKey },
  owner: EnvelopeOwner,
  wrappedKey: string,
): string {
  const context = contextOf('data-key', owner)
  return seal(to.bytes, unseal(from.bytes, wrappedKey, context), context)
}
