import { pathToFileURL } from 'node:url'
import { placeOfImportError } from './place-of-import-error.ts'
import { linePlaces } from './line-places.ts'
import { locateInModule } from './locate-in-module.ts'
import type { ManifestDraft } from './manifest-draft.ts'
import type { ManifestProblem } from './manifest-problem.ts'

interface LoadedModule {
  drafts: ManifestDraft[]
  problems: ManifestProblem[]
}

/** Whether a value means to be a manifest: whatever else a module exports is its own affair. */
const meansManifest = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'kind' in value && ('spec' in value || 'name' in value)

interface Exported {
  value: unknown
  name: string
  path: number[]
}

const exportedManifests = (name: string, value: unknown): Exported[] =>
  (Array.isArray(value) ? value : [value]).flatMap((each: unknown, index) =>
    meansManifest(each) ? [{ value: each, name, path: Array.isArray(value) ? [index] : [] }] : [],
  )

/**
 * Runs a TypeScript module and takes the manifests that it exports, by themselves or in lists, under any name.
 * `path` is absolute; `file` is how places name it. An object that is exported twice counts once.
 */
export async function loadModule(path: string, file: string, text: string): Promise<LoadedModule> {
  const placeOf = linePlaces(text)
  let module: object
  try {
    module = await import(pathToFileURL(path).href)
  } catch (error) {
    return { drafts: [], problems: [{ pointer: '', ...placeOfImportError(error, path, file, text) }] }
  }
  const exported = Object.entries(module).flatMap(([name, value]) => exportedManifests(name, value))
  if (exported.length === 0) {
    const message = 'expected an export that is a manifest or a list of manifests, got none'
    return { drafts: [], problems: [{ file, line: 1, column: 1, pointer: '', message }] }
  }
  const drafts = exported.map(({ value, name, path: base }): ManifestDraft => ({
    value,
    locate: (inner, part = 'value') => ({ file, ...placeOf(locateInModule(text, name, [...base, ...inner], part)) }),
  }))
  return { drafts, problems: [] }
}
