import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const folder = join(import.meta.dirname, '../node_modules/.cache/causeway/peers')

/** Installs a package that only a benchmark needs, outside the default install, and imports it. */
export async function installOnDemand(name: string, version: string): Promise<unknown> {
  const home = installPeer(name, version)
  return import(pathToFileURL(createRequire(join(home, 'package.json')).resolve(name)).href)
}

/**
 * Installs a package that only a benchmark needs, outside the default install.
 * @param overrides versions of the packages that it needs, where the newest will not do
 * @returns the folder that has it in its node_modules
 */
export function installPeer(name: string, version: string, overrides: Record<string, string> = {}): string {
  const home = join(folder, `${name.replaceAll('/', '-')}-${version}`)
  if (!existsSync(join(home, 'node_modules', name))) {
    mkdirSync(home, { recursive: true })
    writeFileSync(join(home, 'package.json'), JSON.stringify({ private: true, type: 'module', overrides }))
    process.stderr.write(`installing ${name} ${version} for the comparison …\n`)
    execFileSync('npm', ['install', '--no-fund', '--no-audit', '--save-exact', `${name}@${version}`], {
      cwd: home,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  }
  return home
}
