import type { Manifest, ManifestKind, StoredManifest } from '@causeway/contracts'
import { sql } from 'kysely'
import type { Connection, Scope } from '../database/index.ts'
import { findActive, toStored } from './store.ts'

/** Versions that have been in force in the environment: those of others, such as a prompt under trial, are not seen here. */
const selectApplied = (
  connection: Connection,
  { organisationId, environmentId }: Scope,
  { kind, name }: { kind: ManifestKind; name: string },
) =>
  connection
    .selectFrom('manifests')
    .innerJoin('applied_manifests', join =>
      join
        .onRef('applied_manifests.organisation_id', '=', 'manifests.organisation_id')
        .onRef('applied_manifests.kind', '=', 'manifests.kind')
        .onRef('applied_manifests.name', '=', 'manifests.name')
        .onRef('applied_manifests.version', '=', 'manifests.version'),
    )
    .selectAll('manifests')
    // inScope, with the table named because of the join
    .where('applied_manifests.organisation_id', '=', organisationId)
    .where('applied_manifests.environment_id', '=', environmentId)
    .where('manifests.kind', '=', kind)
    .where('manifests.name', '=', name)

/** A version that has been in force in the environment. */
export async function findApplied(
  connection: Connection,
  scope: Scope,
  manifest: { kind: ManifestKind; name: string },
  version: string,
): Promise<StoredManifest | undefined> {
  const row = await selectApplied(connection, scope, manifest)
    .where('manifests.version', '=', version)
    .executeTakeFirst()
  return row && toStored(row, false)
}

/** A version in the organisation, wherever it was applied: for what is bound to it already. */
export async function findVersion(
  connection: Connection,
  { organisationId }: Pick<Scope, 'organisationId'>,
  kind: ManifestKind,
  name: string,
  version: string,
): Promise<StoredManifest | undefined> {
  const row = await connection
    .selectFrom('manifests')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('kind', '=', kind)
    .where('name', '=', name)
    .where('version', '=', version)
    .executeTakeFirst()
  return row && toStored(row, false)
}

/** Versions that have been in force in the environment, the newest there first; with `before`, those older than that version. */
export async function listVersions(
  connection: Connection,
  scope: Scope,
  manifest: { kind: ManifestKind; name: string },
  { before, limit }: { before: string | undefined; limit: number },
): Promise<StoredManifest[]> {
  const active = await findActive(connection, scope, manifest.kind, manifest.name)
  let query = selectApplied(connection, scope, manifest)
    .orderBy('applied_manifests.first_applied_at', 'desc')
    .orderBy('manifests.version', 'desc')
    .limit(limit)
  if (before)
    query = query.where(
      sql<boolean>`(applied_manifests.first_applied_at, manifests.version) < (
        select first_applied_at, version from applied_manifests as last
        where last.organisation_id = ${scope.organisationId} and last.environment_id = ${scope.environmentId}
          and last.kind = ${manifest.kind} and last.name = ${manifest.name} and last.version = ${before}
      )`,
    )
  return (await query.execute()).map(row => toStored(row, row.version === active?.version))
}

/** Keeps versions. They may be there already: content-addressed rows are never changed. */
export async function insertVersions(
  connection: Connection,
  { organisationId }: Pick<Scope, 'organisationId'>,
  versions: readonly { version: string; manifest: Manifest }[],
  createdBy: string,
): Promise<void> {
  const rows = versions.map(({ version, manifest: { kind, name, description, spec } }) => ({
    organisation_id: organisationId,
    kind,
    name,
    version,
    description: description ?? null,
    spec: JSON.stringify(spec),
    created_by: createdBy,
  }))
  await connection
    .insertInto('manifests')
    .values(rows)
    .onConflict(conflict => conflict.doNothing())
    .execute()
}
