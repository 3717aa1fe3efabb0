import { createHash } from 'node:crypto'
import {
  CausewayError,
  checkManifest,
  explainIssues,
  jsonPointer,
  Manifest,
  referencesOf,
  type ManifestPlan,
  type PlannedChange,
  type ProblemPlace,
  type StoredManifest,
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
export function readManifests(
  inputs: readonly unknown[],
  admission: readonly AdmissionCheck[],
  placeOf: (index: number) => string = index => `/manifests/${index}`,
): Manifest[] {
  const problems: ProblemPlace[] = []
  const manifests: Manifest[] = []
  const seen = new Set<string>()
  for (const [index, input] of inputs.entries()) {
    const report = ({ pointer, message }: ProblemPlace): void => {
      problems.push({ pointer: placeOf(index) + pointer, message })
    }
    const parsed = Manifest.safeParse(input)
    if (!parsed.success) {
      for (const { path, message } of explainIssues(Manifest, input, parsed.error.issues))
        report({ pointer: jsonPointer(path), message })
      continue
    }
    const manifest = parsed.data
    ;[checkManifest, ...admission].flatMap(check => check(manifest)).forEach(report)
    const title = titleOf(manifest)
    if (seen.has(title)) report({ pointer: '/name', message: `expected each manifest once, got ${title} again` })
    seen.add(title)
    manifests.push(manifest)
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

/** What differences are shown of: all but what names the manifest. */
export const contentOf = ({
  description,
  spec,
}: Pick<Manifest | StoredManifest, 'spec'> & { description?: string | undefined }): object => ({
  ...(description !== undefined && { description }),
  spec,
})

const titleOf = ({ kind, name }: { kind: string; name: string }): string => `${kind}/${name}`

const at = (index: number, pointer: string): string => `/manifests/${index}${pointer}`
