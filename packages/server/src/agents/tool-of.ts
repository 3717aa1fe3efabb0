import type { ManifestOf } from '@causeway/contracts'
import type { Segment } from './segment.ts'

/** A tool in the version that a run calls. */
export interface ToolVersion {
  version: string
  manifest: ManifestOf<'Tool'>
}

/** The tool in force; where there is none, a run that repeats another has that of the other, since it calls none. */
export async function toolOf(
  { dependencies: { manifests }, run: { scope }, recording }: Segment,
  name: string,
): Promise<ToolVersion | undefined> {
  const active = await manifests.active(scope, 'Tool', name)
  const version = recording?.versionOf(name)
  if (active || version === undefined) return active
  const manifest = await manifests.version(scope, 'Tool', name, version)
  return manifest && { version, manifest }
}
