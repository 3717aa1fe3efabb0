import { createHash } from 'node:crypto'
import {
  CausewayError,
  checkManifest,
  jsonPointer,
  Manifest,
  referencesOf,
  type ManifestPlan,
  type PlannedChange,
  type ProblemPlace,
} from '@causeway/contracts'
import canonicalize from 'canonicalize'
import { differences } from './differences.ts'
import { manifestVersion } from './manifest-version.ts'
import type { ActiveManifest } from './store.ts'

/** A further check of a kind, contributed by the domain that owns it. */
export type AdmissionCheck = (manifest: Manifest) => ProblemPlace[]

/**
 * Reads the manifests of a request.
 * @throws CausewayError invalid-manifest with every wrong place, as a pointer into the request
 */
export function readManifests(inputs: readonly unknown[], admission: readonly AdmissionCheck[]): Manifest[] {
  const problems: ProblemPlace[] = []
  const manifests = inputs.flatMap((input, index) => {
    const parsed = Manifest.safeParse(input)
    if (!parsed.success) {
      problems.push(
        ...parsed.error.issues.map(({ path, message }) => ({
          pointer: at(index, jsonPointer(path.map(String))),
          message,
        })),
      )
      return []
    }
    const found = [checkManifest, ...admission].flatMap(check => check(parsed.data))
    problems.push(...found.map(({ pointer, message }) => ({ pointer: at(index, pointer), message })))
    return [parsed.data]
  })
  const seen = new Set<string>()
  for (const [index, manifest] of manifests.entries()) {
    if (seen.has(titleOf(manifest)))
      problems.push({
        pointer: at(index, '/name'),
        message: `expected each manifest once, got ${titleOf(manifest)} again`,
      })
    seen.add(titleOf(manifest))
  }
  refuse(problems)
  return manifests
}

/**
 * What it takes to bring the environment to the wanted manifests.
 * @throws CausewayError invalid-manifest when a reference would go nowhere
 */
export function planChanges(
  environment: string,
  active: readonly ActiveManifest[],
  wanted: readonly Manifest[],
  prune: boolean,
): ManifestPlan {
  const current = new Map(active.map(each => [titleOf(each.manifest), each]))
  const next = new Map(wanted.map(manifest => [titleOf(manifest), manifest]))
  const kept = prune ? [] : active.filter(({ manifest }) => !next.has(titleOf(manifest)))
  checkReferences(wanted, [...kept.map(({ manifest }) => manifest), ...wanted])

  const changes = wanted.map((manifest): PlannedChange => {
    const before = current.get(titleOf(manifest))
    const toVersion = manifestVersion(manifest)
    const action = !before ? 'create' : before.version === toVersion ? 'unchanged' : 'update'
    return {
      action,
      kind: manifest.kind,
      name: manifest.name,
      fromVersion: before?.version ?? null,
      toVersion,
      differences: differences(before && contentOf(before.manifest), contentOf(manifest)),
    }
  })
  if (prune)
    for (const { manifest, version } of active)
      if (!next.has(titleOf(manifest)))
        changes.push({
          action: 'delete',
          kind: manifest.kind,
          name: manifest.name,
          fromVersion: version,
          toVersion: null,
          differences: differences(contentOf(manifest), undefined),
        })
  const order = changes.toSorted((one, other) => (titleOf(one) < titleOf(other) ? -1 : 1))
  const identity = order.map(({ action, kind, name, fromVersion, toVersion }) => [
    action,
    kind,
    name,
    fromVersion,
    toVersion,
  ])
  const planId = createHash('sha256')
    .update(canonicalize([environment, identity]) ?? '')
    .digest('hex')
  return { planId, environment, changes: order }
}

function checkReferences(wanted: readonly Manifest[], result: readonly Manifest[]): void {
  const names = new Set(result.map(titleOf))
  const missing = wanted.flatMap((manifest, index) =>
    referencesOf(manifest)
      .filter(({ kind, name }) => !names.has(`${kind}/${name}`))
      .map(({ kind, name, pointer }) => ({
        pointer: at(index, pointer),
        message: `expected the name of a ${kind}, got "${name}", which is not there`,
      })),
  )
  refuse(missing)
}

function refuse(problems: readonly ProblemPlace[]): void {
  const [first] = problems
  if (!first) return
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  throw new CausewayError('invalid-manifest', `${first.pointer}: ${first.message}${more}`, { problems })
}

const contentOf = ({ description, spec }: Manifest): object => ({
  ...(description !== undefined && { description }),
  spec,
})

const titleOf = ({ kind, name }: { kind: string; name: string }): string => `${kind}/${name}`

const at = (index: number, pointer: string): string => `/manifests/${index}${pointer}`
