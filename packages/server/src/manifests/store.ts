import { Manifest, type ManifestKind, type StoredManifest } from '@causeway/contracts'
import { sql, type Selectable } from 'kysely'
import { type Connection, inScope, ownedBy, type Scope, type Tables } from '../database/index.ts'

/** A version of a manifest that is in force in an environment. */
export interface ActiveManifest {
  version: string
  manifest: Manifest
}

type Row = Selectable<Tables['manifests']>

const toManifest = ({ kind, name, description, spec }: Row): Manifest =>
  Manifest.parse({ kind, name, ...(description !== null && { description }), spec })

const toActive = (row: Row): ActiveManifest => ({ version: row.version, manifest: toManifest(row) })

/** A row as the API shows it. */
export const toStored = (row: Row, active: boolean): StoredManifest => ({
  kind: row.kind,
  name: row.name,
  version: row.version,
  ...(row.description !== null && { description: row.description }),
  spec: row.spec,
  createdAt: row.created_at.toISOString(),
  createdBy: row.created_by,
  active,
})

const selectActive = (connection: Connection, { organisationId, environmentId }: Scope) =>
  connection
    .selectFrom('active_manifests')
    .innerJoin('manifests', join =>
      join
        .onRef('manifests.organisation_id', '=', 'active_manifests.organisation_id')
        .onRef('manifests.kind', '=', 'active_manifests.kind')
        .onRef('manifests.name', '=', 'active_manifests.name')
        .onRef('manifests.version', '=', 'active_manifests.version'),
    )
    .selectAll('manifests')
    // inScope, with the table named because of the join
    .where('active_manifests.organisation_id', '=', organisationId)
    .where('active_manifests.environment_id', '=', environmentId)

export async function findActive(
  connection: Connection,
  scope: Scope,
  kind: ManifestKind,
  name: string,
): Promise<ActiveManifest | undefined> {
  const row = await selectActive(connection, scope)
    .where('active_manifests.kind', '=', kind)
    .where('active_manifests.name', '=', name)
    .executeTakeFirst()
  return row && toActive(row)
}

export async function listActive(connection: Connection, scope: Scope, kind?: ManifestKind): Promise<ActiveManifest[]> {
  let query = selectActive(connection, scope).orderBy('active_manifests.kind').orderBy('active_manifests.name')
  if (kind) query = query.where('active_manifests.kind', '=', kind)
  return (await query.execute()).map(toActive)
}

/** Manifests in force after a kind and name, in that order. */
export async function pageActive(
  connection: Connection,
  scope: Scope,
  {
    kind,
    after,
    limit,
  }: { kind: ManifestKind | undefined; after: readonly [string, string] | undefined; limit: number },
): Promise<StoredManifest[]> {
  let query = selectActive(connection, scope)
    .orderBy('active_manifests.kind')
    .orderBy('active_manifests.name')
    .limit(limit)
  if (kind) query = query.where('active_manifests.kind', '=', kind)
  if (after)
    query = query.where(sql<boolean>`(active_manifests.kind, active_manifests.name) > (${after[0]}, ${after[1]})`)
  return (await query.execute()).map(row => toStored(row, true))
}

/** Puts versions in force. */
export async function activate(
  connection: Connection,
  scope: Scope,
  versions: readonly ActiveManifest[],
  appliedBy: string,
): Promise<void> {
  const rows = versions.map(({ version, manifest: { kind, name } }) => ({ ...ownedBy(scope), kind, name, version }))
  const now = new Date()
  await connection
    .insertInto('active_manifests')
    .values(rows.map(row => ({ ...row, applied_at: now, applied_by: appliedBy })))
    .onConflict(conflict =>
      conflict.columns(['organisation_id', 'environment_id', 'kind', 'name']).doUpdateSet(({ ref }) => ({
        version: ref('excluded.version'),
        applied_at: ref('excluded.applied_at'),
        applied_by: ref('excluded.applied_by'),
      })),
    )
    .execute()
  await connection
    .insertInto('applied_manifests')
    .values(rows)
    .onConflict(conflict => conflict.doNothing())
    .execute()
}

/** Takes a manifest out of force. Its versions stay. */
export async function deactivate(
  connection: Connection,
  scope: Scope,
  kind: ManifestKind,
  name: string,
): Promise<void> {
  await connection
    .deleteFrom('active_manifests')
    .where(inScope(scope))
    .where('kind', '=', kind)
    .where('name', '=', name)
    .execute()
}

/**
 * Must come before any change of what is in force: holds the row of the environment until the transaction ends, so that
 * there is one apply at a time, and moves its revision on, by which every replica sees that it has to read again.
 */
export async function beginChange(connection: Connection, { organisationId, environmentId }: Scope): Promise<void> {
  await connection
    .updateTable('environments')
    .set(({ eb, ref }) => ({ manifests_revision: eb(ref('manifests_revision'), '+', 1) }))
    .where('organisation_id', '=', organisationId)
    .where('id', '=', environmentId)
    .execute()
}

/** Changes with what is in force. Read before that, so that it is never newer. */
export async function findRevision(connection: Connection, { organisationId, environmentId }: Scope): Promise<number> {
  const row = await connection
    .selectFrom('environments')
    .select('manifests_revision')
    .where('organisation_id', '=', organisationId)
    .where('id', '=', environmentId)
    .executeTakeFirst()
  return row?.manifests_revision ?? 0
}
