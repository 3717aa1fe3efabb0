import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Creates a folder, and those above it, where it is missing. mkdirSync of Node with `recursive` never returns where a file
 * system says ENOENT to a new folder, as /proc does.
 * @throws the error of the operating system, with its path
 */
export function makeFolder(path: string, { mode }: { mode?: number } = {}): void {
  if (existsSync(path)) return
  const above = dirname(path)
  if (above !== path) makeFolder(above, mode === undefined ? {} : { mode })
  try {
    mkdirSync(path, { mode })
  } catch (error) {
    // Another process was quicker.
    if (!existsSync(path)) throw error
  }
}
