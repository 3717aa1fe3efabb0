import { relative, resolve } from 'node:path'
import type { ManifestName } from './check-references.ts'
import { findManifestFiles, maximumFiles } from './find-manifest-files.ts'
import { judgeDrafts } from './judge-drafts.ts'
import { loadModule } from './load-module.ts'
import type { LoadedManifests } from './loaded-manifest.ts'
import type { ManifestDraft } from './manifest-draft.ts'
import { byPlace, type ManifestProblem } from './manifest-problem.ts'
import { parseYaml } from './parse-yaml.ts'
import { readTextFile } from './read-text-file.ts'

const maximumDocuments = 1000

interface LoadOptions {
  /** Files and folders; relative ones start at `root`. */
  paths: readonly string[]
  /** Folder to which file names in places are relative. Default: the current folder. */
  root?: string
  /** Names that are in force in the environment already, to which references may go. Default: none. */
  existing?: readonly ManifestName[]
}

interface Loaded {
  drafts: ManifestDraft[]
  problems: ManifestProblem[]
}

async function loadFile(path: string, file: string): Promise<Loaded> {
  const read = await readTextFile(path)
  if ('message' in read) return { drafts: [], problems: [{ file, pointer: '', ...read }] }
  return path.endsWith('.ts') ? loadModule(path, file, read.text) : parseYaml(read.text, file)
}

async function loadFiles(files: readonly string[], nameOf: (path: string) => string): Promise<Loaded> {
  const loaded: Loaded = { drafts: [], problems: [] }
  for (const path of files.slice(0, maximumFiles)) {
    const { drafts, problems } = await loadFile(path, nameOf(path))
    loaded.drafts.push(...drafts)
    loaded.problems.push(...problems)
  }
  return loaded
}

/**
 * Loads manifests from YAML files, TypeScript modules (`.manifest.ts`, which are run) and folders of them, and judges
 * them as the server will. Never throws for what stands in the files: every problem has its exact place.
 * Bounds: 1 MB a file, 1000 files, 1000 manifests.
 */
export async function loadManifests({
  paths,
  root = process.cwd(),
  existing = [],
}: LoadOptions): Promise<LoadedManifests> {
  const nameOf = (path: string): string => relative(root, path) || path
  const { files, wrong } = await findManifestFiles(paths.map(path => resolve(root, path)))
  const { drafts, problems } = await loadFiles(files, nameOf)
  for (const { path, message } of wrong) problems.push({ file: nameOf(path), line: 1, column: 1, pointer: '', message })
  const bounded = (count: number, most: number, what: string): void => {
    if (count <= most) return
    const message = `expected at most ${most} ${what}; load them in parts`
    problems.push({ file: nameOf(files.at(-1) ?? root), line: 1, column: 1, pointer: '', message })
  }
  bounded(files.length, maximumFiles, 'files')
  bounded(drafts.length, maximumDocuments, 'manifests')
  const judged = judgeDrafts(uniqueDrafts(drafts.slice(0, maximumDocuments)), existing)
  return { manifests: judged.manifests, problems: [...problems, ...judged.problems].toSorted(byPlace) }
}

/** A module that passes on what another one exports does not make a second manifest. */
function uniqueDrafts(drafts: readonly ManifestDraft[]): ManifestDraft[] {
  const seen = new Set<unknown>()
  return drafts.filter(({ value }) => {
    if (typeof value !== 'object' || value === null) return true
    if (seen.has(value)) return false
    seen.add(value)
    return true
  })
}
