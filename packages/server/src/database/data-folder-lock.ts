import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { makeFolder } from '../config/index.ts'
import { DatabaseStartError, DataFolderInUseError } from './start-error.ts'

/** The right to use a data folder, which one process has at a time. */
export interface DataFolderLock {
  release(): void
}

const sqliteBusy = 5

const isBusy = (error: unknown): boolean => error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy

const holderFile = (folder: string): string => join(folder, 'lock-holder')

const readHolder = (folder: string): number | undefined => {
  try {
    const pid = Number.parseInt(readFileSync(holderFile(folder), 'utf8'))
    return Number.isNaN(pid) ? undefined : pid
  } catch {
    return undefined
  }
}

/**
 * Locks the data folder, and creates it when it is missing.
 *
 * The lock is a write lock of SQLite on an empty file, because that is how Node reaches the file locks of the operating
 * system: the kernel gives it up when the process dies in whatever way, and it holds across containers that share the
 * folder, where process ids mean nothing. The engine itself does not lock its files, and two processes corrupt them.
 *
 * @throws DataFolderInUseError when another process, or this one, holds the lock.
 * @throws DatabaseStartError when the folder cannot be written.
 */
export function lockDataFolder(folder: string): DataFolderLock {
  let file: DatabaseSync | undefined
  try {
    makeFolder(folder, { mode: 0o700 })
    file = new DatabaseSync(join(folder, 'lock'), { timeout: 0 })
    file.exec('begin immediate')
    writeFileSync(
      holderFile(folder),
      `${process.pid}
`,
    )
  } catch (error) {
    file?.close()
    if (isBusy(error)) throw new DataFolderInUseError(folder, readHolder(folder))
    const reason = error instanceof Error ? error.message : String(error)
    throw new DatabaseStartError(
      `The data folder ${folder} cannot be written: ${reason}. Set CAUSEWAY_DATA to one that can.`,
      {
        cause: error,
      },
    )
  }
  const held = file
  return { release: () => held.close() }
}
