import { Manifest, type ManifestInput, type ManifestKind, type ManifestOf } from '@causeway/contracts'
import type { Manifests } from '../../manifests/index.ts'

/** Manifests that are in force in every scope, without a database. */
export function manifestsOf(...inputs: ManifestInput[]): Manifests {
  const manifests = inputs.map(input => Manifest.parse(input))
  const ofKind = <Kind extends ManifestKind>(kind: Kind): ManifestOf<Kind>[] =>
    manifests.filter((manifest): manifest is ManifestOf<Kind> => manifest.kind === kind)
  return {
    async active(_scope, kind, name) {
      const manifest = ofKind(kind).find(candidate => candidate.name === name)
      return manifest && { version: 'v1', manifest }
    },
    version: async (_scope, kind, name) => ofKind(kind).find(candidate => candidate.name === name),
    allActive: async (_scope, kind) => ofKind(kind).map(manifest => ({ version: 'v1', manifest })),
  }
}
