import type { Manifest } from '@causeway/contracts'
import type { Connection } from '../database/index.ts'
import { requireOwnKey, type Caller } from '../identity/index.ts'

/** Nobody lets a trigger run in the name of somebody else. @throws CausewayError missing-right */
export async function requireOwnKeys(
  connection: Connection,
  caller: Caller,
  versions: readonly { manifest: Manifest }[],
): Promise<void> {
  for (const { manifest } of versions)
    if (manifest.kind === 'Trigger') await requireOwnKey(connection, caller, manifest.spec.runAs)
}
