import type {
  ApplyManifests,
  ManifestDifference,
  ManifestKind,
  ManifestPlan,
  ManifestQuery,
  Page,
  PlanManifests,
  StoredManifest,
} from '@causeway/contracts'
import type { Http } from './create-http.ts'
import { listing, type FiltersOf, type Paging } from './list-pages.ts'
import { pathOf } from './path-of.ts'

/** The manifests in force in the environment, and their versions. */
export function createManifestClient(http: Http) {
  return {
    ...listing<StoredManifest, FiltersOf<ManifestQuery>>(http, '/v1/manifests'),
    /** What applying would change. Changes nothing. */
    plan: (request: PlanManifests): Promise<ManifestPlan> =>
      http.json<ManifestPlan>('/v1/manifests/plan', { method: 'POST', body: request, repeatable: true }),
    /** Puts a set of manifests in force, all or none; with `planId` only if that is still what would change. */
    apply: (request: ApplyManifests): Promise<ManifestPlan> =>
      http.json<ManifestPlan>('/v1/manifests/apply', { method: 'POST', body: request }),
    /** The manifest in force, or one of its versions. */
    get: (kind: ManifestKind, name: string, version?: string): Promise<StoredManifest> =>
      http.json<StoredManifest>(pathOf('/v1/manifests', kind, name), { query: { version } }),
    versions: (kind: ManifestKind, name: string, query: Paging = {}): Promise<Page<StoredManifest>> =>
      http.json<Page<StoredManifest>>(`${pathOf('/v1/manifests', kind, name)}/versions`, { query }),
    diff: (
      kind: ManifestKind,
      name: string,
      from: string,
      to: string,
    ): Promise<{ differences: ManifestDifference[] }> =>
      http.json(`${pathOf('/v1/manifests', kind, name)}/diff`, { query: { from, to } }),
  }
}
