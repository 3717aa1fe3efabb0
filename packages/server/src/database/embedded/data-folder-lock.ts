import { mkdirSync, openSync, closeSync, readFileSync, unlinkSync, writeSync, fsyncSync, renameSync } from 'node:fs'
import { join } from 'node:path'

/** Another living process holds the data folder. */
export class DataFolderInUseError extends Error {
  override readonly name = 'DataFolderInUseError'
  constructor(folder: string, pid: number) {
    super(
      `The data folder ${folder} is in use by process ${pid}. Stop that process, or set CAUSEWAY_DATA to another folder.`,
    )
  }
}

/** The data folder cannot be written. */
export class DataFolderUnusableError extends Error {
  override readonly name = 'DataFolderUnusableError'
  constructor(folder: string, cause: unknown) {
    super(
      `The data folder ${folder} cannot be written (${errorCode(cause)}). Correct its permissions, or set CAUSEWAY_DATA to another folder.`,
      {
        cause,
      },
    )
  }
}

interface Holder {
  pid: number
  startedAt: string
}

/**
 * Takes the data folder for this process: PGlite itself lets two processes open one folder and corrupt it. The lock names the process
 * and when it began, so that a number used again by another process does not count.
 * @returns the release, to be called when the database is closed.
 * @throws DataFolderInUseError, DataFolderUnusableError
 */
export function lockDataFolder(folder: string): () => void {
  const path = join(folder, 'lock')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (let attempt = 0; attempt < 5; attempt++) {
      if (create(path)) return () => release(path)
      const holder = read(path)
      if (holder && isAlive(holder)) throw new DataFolderInUseError(folder, holder.pid)
      setAside(path)
    }
  } catch (error) {
    if (error instanceof DataFolderInUseError) throw error
    throw new DataFolderUnusableError(folder, error)
  }
  throw new DataFolderUnusableError(folder, new Error('the lock keeps changing hands'))
}

function create(path: string): boolean {
  let file
  try {
    file = openSync(path, 'wx', 0o600)
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
  writeSync(file, JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid) ?? '' } satisfies Holder))
  fsyncSync(file)
  closeSync(file)
  return true
}

/** Renaming is atomic: of two processes that find the same stale lock, one moves it and the other sees that it is gone. */
function setAside(path: string): void {
  const aside = `${path}.stale-${process.pid}`
  try {
    renameSync(path, aside)
    unlinkSync(aside)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
}

function release(path: string): void {
  if (read(path)?.pid === process.pid) unlinkSync(path)
}

function read(path: string): Holder | undefined {
  try {
    const holder: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof holder !== 'object' || holder === null || !('pid' in holder) || typeof holder.pid !== 'number')
      return undefined
    return { pid: holder.pid, startedAt: 'startedAt' in holder ? String(holder.startedAt) : '' }
  } catch {
    return undefined
  }
}

function isAlive({ pid, startedAt }: Holder): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (errorCode(error) !== 'EPERM') return false
  }
  const now = startOf(pid)
  return now === undefined || startedAt === '' || now === startedAt
}

/** When a process began, in the kernel's clock ticks since boot (proc(5), field 22 of stat); undefined where there is no /proc. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error
    ? String(error.code)
    : error instanceof Error
      ? error.message
      : String(error)
