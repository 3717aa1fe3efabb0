import * as z from 'zod'
import { Instant, SecretName } from '../names.ts'
import { pageOf } from '../paging.ts'

/** What a secret may be used for. A tool never gets what is for providers, so that no manifest can send it elsewhere. */
export const SecretUse = z.enum(['any', 'providers', 'tools'])
export type SecretUse = z.infer<typeof SecretUse>

/** A secret of the platform's own store. The value cannot be read through the API. */
export const Secret = z.object({
  name: SecretName,
  version: z.number().int().describe('grows by one with each value'),
  use: SecretUse,
  createdAt: Instant,
  updatedAt: Instant,
  updatedBy: z.string(),
  usedBy: z.array(z.string()).describe('manifests in force that name it, such as Provider/openai'),
})
export type Secret = z.infer<typeof Secret>
export const SecretPage = pageOf(Secret)

/** A new value. The last five values are kept, so that a wrong one can be taken back. */
export const SetSecret = z.union([
  z.strictObject({
    value: z.string().min(1).max(65_536),
    use: SecretUse.optional().describe('as before where it is left out; "any" for a new secret'),
  }),
  z.strictObject({ fromVersion: z.number().int().min(1).describe('an earlier version whose value is taken again') }),
])
export type SetSecret = z.infer<typeof SetSecret>

/** What a change of the master key has done. */
export const KeyRotation = z.object({
  masterKey: z.string().describe('fingerprint of the master key that all data keys are wrapped with now'),
  created: z.boolean().describe('whether it was made now; where it is set by CAUSEWAY_MASTER_KEY it never is'),
  rewrapped: z.number().int(),
  total: z.number().int().describe('data keys in all, one for each version of a secret'),
})
export type KeyRotation = z.infer<typeof KeyRotation>
