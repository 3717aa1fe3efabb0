import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Files that one load may read. */
export const maximumFiles = 1000

const isManifestFile = (path: string): boolean => /(\.ya?ml|\.manifest\.ts)$/.test(path)
const isSkipped = (name: string): boolean => name.startsWith('.') || name === 'node_modules'

/** Paths that were found, and those that could not be read or are no manifests. */
export interface FoundFiles {
  files: string[]
  wrong: { path: string; message: string }[]
}

/**
 * The manifest files at or under the given paths (`.yaml`, `.yml`, `.manifest.ts`), each once, in a stable order.
 * Links are followed; a folder is entered once by its real path, so that a loop of links ends. Names that begin with
 * a dot and node_modules are left out.
 */
export async function findManifestFiles(paths: readonly string[]): Promise<FoundFiles> {
  const found: FoundFiles = { files: [], wrong: [] }
  const seen = new Set<string>()
  const enter = async (path: string, named: boolean): Promise<void> => {
    if (found.files.length > maximumFiles) return
    try {
      const real = await realpath(path)
      const stats = await stat(real)
      const isTaken = stats.isDirectory() || (stats.isFile() && isManifestFile(path))
      if (isTaken && seen.has(real)) return
      seen.add(real)
      if (stats.isDirectory()) {
        const names = await readdir(path)
        for (const name of names.filter(each => !isSkipped(each)).toSorted()) await enter(join(path, name), false)
      } else if (isTaken) found.files.push(path)
      else if (named) found.wrong.push({ path, message: 'expected a folder or a .yaml, .yml or .manifest.ts file' })
    } catch (error) {
      if (named || isManifestFile(path)) found.wrong.push({ path, message: unreadable(error) })
    }
  }
  for (const path of paths) await enter(path, true)
  return found
}

/** What is said of a path that the file system does not give. */
export function unreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'expected a file or folder, got nothing at this path'
  return `expected a readable file or folder, got ${typeof code === 'string' ? code : 'an error'}`
}
