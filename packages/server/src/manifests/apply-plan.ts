import type { Manifest, ManifestPlan } from '@causeway/contracts'
import type { Audit } from '../audit/index.ts'
import type { Connection } from '../database/index.ts'
import type { Caller } from '../identity/index.ts'
import { activate, deactivate } from './store.ts'
import { insertVersions } from './version-store.ts'

const titleOf = ({ kind, name }: { kind: string; name: string }): string => `${kind}/${name}`

/** Whether the caller may put versions in force. @throws CausewayError review-needed, missing-right */
export type RequireAllowed = (
  connection: Connection,
  caller: Caller,
  versions: readonly { manifest: Manifest; version: string }[],
) => Promise<void>

/** Carries a plan out in the caller's transaction: stores new versions, switches what is in force, and audits each change. */
export async function applyPlan(
  connection: Connection,
  {
    caller,
    audit,
    wanted,
    plan,
    requireAllowed,
  }: {
    caller: Caller
    audit: Audit
    wanted: readonly Manifest[]
    plan: ManifestPlan
    requireAllowed: readonly RequireAllowed[]
  },
): Promise<void> {
  const changes = plan.changes.filter(({ action }) => action !== 'unchanged')
  const byTitle = new Map(wanted.map(manifest => [titleOf(manifest), manifest]))
  const versions = changes.flatMap(change => {
    const manifest = byTitle.get(titleOf(change))
    return manifest && change.toVersion !== null ? [{ manifest, version: change.toVersion }] : []
  })
  if (versions.length > 0) {
    for (const require of requireAllowed) await require(connection, caller, versions)
    await insertVersions(connection, caller, versions, caller.actor)
    await activate(connection, caller, versions, caller.actor)
  }
  for (const { kind, name, toVersion } of changes)
    if (toVersion === null) await deactivate(connection, caller, kind, name)
  for (const { action, kind, name, fromVersion, toVersion } of changes)
    await audit.record(connection, {
      organisationId: caller.organisationId,
      environment: caller.environment,
      actor: caller.actor,
      action: `manifest.${action}d`,
      subject: `${kind}/${name}`,
      detail: { fromVersion, toVersion },
    })
}
