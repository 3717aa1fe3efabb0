import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../config/index.ts'

const ownerOnly = 0o600

/**
 * Leaves a key in the file `admin-key` that only its owner can read. The file appears complete or not at all, and has reached the
 * disk when this returns. A file that is there already, left by another database, is kept as `admin-key.old`.
 */
export function writeKeyFile({ folder, key }: { folder: string; key: string }): void {
  makeFolder(folder)
  const path = join(folder, 'admin-key')
  const draft = `${path}.draft`
  // A draft that a crash has left keeps the mode that it was made with; a new file has this one.
  rmSync(draft, { force: true })
  const file = openSync(draft, 'wx', ownerOnly)
  try {
    writeSync(file, `${key}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  if (existsSync(path)) renameSync(path, `${path}.old`)
  renameSync(draft, path)
  syncFolder(folder)
}

/** A rename is on the disk when its folder is. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
