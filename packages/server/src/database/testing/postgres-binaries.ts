import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const debianFolder = '/usr/lib/postgresql'

/** Folders that may hold server programs: those of PATH, then Debian's, the newest version first. */
function candidates(searchPath: string): string[] {
  const versions = existsSync(debianFolder) ? readdirSync(debianFolder) : []
  versions.sort((one, other) => Number(other) - Number(one))
  return [...searchPath.split(delimiter), ...versions.map(version => join(debianFolder, version, 'bin'))]
}

/** The folder with `initdb` and `postgres`, if they are installed. */
export const findPostgresBinaries = (searchPath: string): string | undefined =>
  candidates(searchPath).find(folder => ['initdb', 'postgres'].every(program => existsSync(join(folder, program))))

export interface UserIds {
  uid?: number
  gid?: number
}

const idOf = (flag: '-u' | '-g', user: string): number => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }))

/** The user for the server: the present one, or another when that is root, as which the server refuses to run. */
export function serverUser(): UserIds {
  if (process.getuid?.() !== 0) return {}
  for (const user of ['postgres', 'nobody']) {
    try {
      return { uid: idOf('-u', user), gid: idOf('-g', user) }
    } catch {
      continue
    }
  }
  throw new Error('The test run is root and there is neither a user postgres nor a user nobody to run PostgreSQL as')
}
