import {
  ApplyManifests,
  CausewayError,
  Manifest,
  PlanManifests,
  type ManifestKind,
  type ManifestOf,
  type ManifestPlan,
} from '@causeway/contracts'
import type { Audit } from '../audit/index.ts'
import type { Connection, Database, Scope } from '../database/index.ts'
import type { Caller } from '../identity/index.ts'
import { applyPlan, type RequireAllowed } from './apply-plan.ts'
import { keptUntilChanged } from './kept-until-changed.ts'
import { manifestVersion } from './manifest-version.ts'
import { planChanges, readManifests, type AdmissionCheck } from './plan-changes.ts'
import { beginChange, findActive, findRevision, listActive } from './store.ts'
import { findVersion, insertVersions } from './version-store.ts'

/** What is configured: immutable versions, and which of them are in force in which environment. */
export interface Manifests {
  /** The manifest in force. */
  active<Kind extends ManifestKind>(
    scope: Scope,
    kind: Kind,
    name: string,
  ): Promise<{ version: string; manifest: ManifestOf<Kind> } | undefined>
  /** Any version that was ever applied. */
  version<Kind extends ManifestKind>(
    scope: Scope,
    kind: Kind,
    name: string,
    version: string,
  ): Promise<ManifestOf<Kind> | undefined>
  /** All of a kind that are in force; the same list until something in the environment has changed. */
  allActive<Kind extends ManifestKind>(
    scope: Scope,
    kind: Kind,
  ): Promise<{ version: string; manifest: ManifestOf<Kind> }[]>
}

/** Manifests that can be changed too. */
export interface ManifestStore extends Manifests {
  /** What applying would do. @throws CausewayError invalid-manifest */
  plan(caller: Caller, request: PlanManifests): Promise<ManifestPlan>
  /** Keeps a version without putting it in force anywhere. @throws CausewayError invalid-manifest, with pointers that begin with /manifest */
  keep(caller: Caller, manifest: unknown): Promise<{ manifest: Manifest; version: string }>
  /** Puts the manifests in force, all or none. @throws CausewayError invalid-manifest, review-needed, conflict when the plan is not the one that was read */
  apply(caller: Caller, request: ApplyManifests): Promise<ManifestPlan>
}

/** Versions that are kept in memory: they never change. */
const versionsKept = 2000
/** Manifests, and lists of all of a kind, that are kept. */
const activeKept = 5000

export function createManifests({
  database,
  audit,
  admission,
  requireAllowed,
}: {
  database: Database
  audit: Audit
  admission: readonly AdmissionCheck[]
  requireAllowed: readonly RequireAllowed[]
}): ManifestStore {
  const versions = new Map<string, Manifest>()
  const inForce = keptUntilChanged({
    limit: activeKept,
    revisionOf: scope => findRevision(database.kysely, scope),
  })

  function ofKind<Kind extends ManifestKind>(manifest: Manifest, kind: Kind): manifest is ManifestOf<Kind> {
    return manifest.kind === kind
  }

  async function planOn(
    connection: Connection,
    caller: Caller,
    { manifests, prune }: { manifests: unknown[]; prune: boolean },
  ) {
    const wanted = readManifests(manifests, admission)
    return { wanted, plan: planChanges(caller.environment, await listActive(connection, caller), wanted, prune) }
  }

  return {
    async active(scope, kind, name) {
      const found = await inForce.get(scope, `${kind} ${name}`, () => findActive(database.kysely, scope, kind, name))
      return found && ofKind(found.manifest, kind) ? { version: found.version, manifest: found.manifest } : undefined
    },

    async version(scope, kind, name, version) {
      const key = `${scope.organisationId} ${kind} ${name} ${version}`
      const kept = versions.get(key)
      if (kept) return ofKind(kept, kind) ? kept : undefined
      const stored = await findVersion(database.kysely, scope, kind, name, version)
      if (!stored) return undefined
      const { description, spec } = stored
      const manifest = Manifest.parse({ kind, name, ...(description !== undefined && { description }), spec })
      versions.set(key, manifest)
      if (versions.size > versionsKept) versions.delete(versions.keys().next().value ?? '')
      return ofKind(manifest, kind) ? manifest : undefined
    },

    async allActive(scope, kind) {
      const all = await inForce.get(scope, kind, () => listActive(database.kysely, scope, kind))
      // The rows were chosen by their kind.
      return all as { version: string; manifest: ManifestOf<typeof kind> }[]
    },

    async plan(caller, request) {
      return (await planOn(database.kysely, caller, PlanManifests.parse(request))).plan
    },

    async keep(caller, input) {
      const [manifest] = readManifests([input], admission, () => '/manifest')
      if (!manifest) throw new CausewayError('invalid-manifest', 'There is no manifest.')
      const version = manifestVersion(manifest)
      await insertVersions(database.kysely, caller, [{ manifest, version }], caller.actor)
      return { manifest, version }
    },

    async apply(caller, request) {
      const { planId, ...wish } = ApplyManifests.parse(request)
      const applied = await database.transaction(async transaction => {
        await beginChange(transaction, caller)
        const { wanted, plan } = await planOn(transaction, caller, wish)
        if (planId !== undefined && planId !== plan.planId)
          throw new CausewayError('conflict', 'The environment has changed since the plan was made; make a new plan.')
        await applyPlan(transaction, { caller, audit, wanted, plan, requireAllowed })
        return plan
      })
      inForce.lookAgain()
      return applied
    },
  }
}
