import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const folder = join(import.meta.dirname, '../node_modules/.cache/causeway/peers')

/** Installs packages that only a benchmark needs, outside the default install, and imports them in their order. */
export async function installOnDemand(packages: Readonly<Record<string, string>>): Promise<unknown[]> {
  const { resolve } = createRequire(join(installPeer(packages), 'package.json'))
  return Promise.all(Object.keys(packages).map(name => import(pathToFileURL(resolve(name)).href)))
}

/**
 * Installs packages that only a benchmark needs, outside the default install.
 * @param packages versions by name
 * @param overrides versions of the packages that they need, where the newest will not do
 * @returns the folder that has them in its node_modules
 */
export function installPeer(
  packages: Readonly<Record<string, string>>,
  overrides: Readonly<Record<string, string>> = {},
): string {
  const wanted = Object.entries(packages).map(([name, version]) => `${name}@${version}`)
  const [first = ''] = wanted
  const home = join(folder, first.replaceAll(/[/@]+/g, '-'))
  const done = join(home, 'installed')
  if (!existsSync(done) || readFileSync(done, 'utf8') !== wanted.join()) {
    mkdirSync(home, { recursive: true })
    writeFileSync(join(home, 'package.json'), JSON.stringify({ private: true, type: 'module', overrides }))
    process.stderr.write(`installing ${wanted.join(' ')} for the comparison …\n`)
    execFileSync('npm', ['install', '--no-fund', '--no-audit', '--save-exact', ...wanted], {
      cwd: home,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    writeFileSync(done, wanted.join())
  }
  return home
}
