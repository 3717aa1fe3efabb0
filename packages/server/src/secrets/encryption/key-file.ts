import {
  closeSync,
  fchmodSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder } from '../../config/index.ts'
import { SecretStoreError } from '../secret-store.ts'

const ownerOnly = 0o600
const readableByOthers = 0o077

/** The lines of the file; none where there is no file. @throws SecretStoreError where others can read it, or it cannot be read */
export function readKeyFile(path: string): string[] {
  try {
    if (process.platform !== 'win32' && (statSync(path).mode & readableByOthers) !== 0)
      throw new SecretStoreError(`${path} can be read by others. Run "chmod 600 ${path}".`)
    return readFileSync(path, 'utf8').split('\n').filter(Boolean)
  } catch (error) {
    if (error instanceof SecretStoreError) throw error
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw new SecretStoreError(`${path} cannot be read (${String(error)}). Give it to the user of the platform.`)
  }
}

/** Makes the file with one key. It is there wholly or not at all, and is on the disk when this returns. @returns false where there was one */
export function createKeyFile(path: string, key: string): boolean {
  const draft = writeDraft(path, [key])
  try {
    // Unlike a rename this does not replace the file that another process has made in the meantime.
    linkSync(draft, path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
  syncFolder(path)
  return true
}

/** Puts a key before those in the file, in one step. Earlier ones stay: backups of the database need them. */
export function prependKey(path: string, key: string): void {
  renameSync(writeDraft(path, [key, ...readKeyFile(path)]), path)
  syncFolder(path)
}

function writeDraft(path: string, keys: readonly string[]): string {
  makeFolder(dirname(path))
  const draft = `${path}.${process.pid}.draft`
  rmSync(draft, { force: true })
  const file = openSync(draft, 'wx', ownerOnly)
  try {
    fchmodSync(file, ownerOnly)
    writeSync(file, `${keys.join('\n')}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  return draft
}

/** A new name is on the disk when its folder is. */
function syncFolder(path: string): void {
  const handle = openSync(dirname(path), 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
