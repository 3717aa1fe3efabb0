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
  return row && { version: row.version, manifest: toManifest(row) }
}

export async function listActive(connection: Connection, scope: Scope, kind?: ManifestKind): Promise<ActiveManifest[]> {
  let query = selectActive(connection, scope).orderBy('active_manifests.kind').orderBy('active_manifests.name')
  if (kind) query = query.where('active_manifests.kind', '=', kind)
  return (await query.execute()).map(row => ({ version: row.version, manifest: toManifest(row) }))
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

/** One apply at a time in an environment: holds its row until the transaction ends. */
export async function lockEnvironment(connection: Connection, { organisationId, environmentId }: Scope): Promise<void> {
  await connection
    .selectFrom('environments')
    .select('id')
    .where('organisation_id', '=', organisationId)
    .where('id', '=', environmentId)
    // not `for update`: that would make everything wait that refers to the environment, such as a new run
    .forNoKeyUpdate()
    .execute()
}
