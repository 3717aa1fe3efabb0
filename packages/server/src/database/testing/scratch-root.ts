import { statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'

const memory = '/dev/shm'
const neededBytes = 4 * 2 ** 30

/**
 * Where databases of tests lie: in memory where Linux gives enough of it, because copying a data folder onto a disk takes longer than most
 * tests; else in the folder for temporary files.
 */
export function scratchRoot(): string {
  try {
    const { bavail, bsize } = statfsSync(memory)
    return bavail * bsize >= neededBytes ? memory : tmpdir()
  } catch {
    return tmpdir()
  }
}
