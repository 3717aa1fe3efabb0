import { createHash } from 'node:crypto'
import type { ManifestKind, ManifestOf } from '@causeway/contracts'
import type { Scope } from '../database/index.ts'
import type { Manifests } from './create-manifests.ts'

const environmentsKept = 1000

interface Entry<Compiled> {
  /** The list that it was made of. */
  active: readonly object[]
  version: string
  compiled: Compiled
}

/**
 * What is made of all manifests of a kind that are in force in an environment, made anew only when they have changed.
 * Fails as `compile` does, and then tries again at the next call.
 */
export function compiledManifests<Kind extends ManifestKind, Compiled>(
  manifests: Pick<Manifests, 'allActive'>,
  kind: Kind,
  compile: (active: readonly ManifestOf<Kind>[], scope: Scope) => Compiled,
): (scope: Scope) => Promise<Compiled> {
  const entries = new Map<string, Entry<Compiled>>()
  return async scope => {
    const known = entries.get(scope.environmentId)
    const active = await manifests.allActive(scope, kind)
    if (known?.active === active) return known.compiled
    const version = versionOf(active)
    const current =
      known?.version === version
        ? { ...known, active }
        : {
            active,
            version,
            compiled: compile(
              active.map(({ manifest }) => manifest),
              scope,
            ),
          }
    entries.delete(scope.environmentId)
    entries.set(scope.environmentId, current)
    if (entries.size > environmentsKept) entries.delete(entries.keys().next().value ?? '')
    return current.compiled
  }
}

const versionOf = (active: readonly { version: string }[]): string =>
  createHash('sha256')
    .update(
      active
        .map(({ version }) => version)
        .toSorted()
        .join(),
    )
    .digest('hex')
