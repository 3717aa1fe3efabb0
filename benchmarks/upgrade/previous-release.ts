import { execFileSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

const root = join(import.meta.dirname, '../..')
// Not in node_modules, where Node runs no TypeScript.
const folder = join(tmpdir(), 'causeway-releases')

const git = (...parameters: string[]): string =>
  execFileSync('git', parameters, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim()

/** The state of the repository at which what the last release promises to its callers was written down. */
function commitOfRelease(): string {
  const commit = git('log', '-1', '--diff-filter=A', '--format=%H', '--', 'docs/reference/api-*.txt')
  if (commit === '') throw new Error('There is no release in the history of this checkout; fetch all of it.')
  return commit
}

/** Checks the last release out beside this one, with the libraries that it had. @returns its main module, and what it is called */
export function previousRelease(): { main: string; name: string } {
  const commit = commitOfRelease()
  const home = join(folder, commit)
  const done = join(home, 'node_modules', 'installed')
  if (!existsSync(done)) {
    rmSync(home, { recursive: true, force: true })
    process.stderr.write(`installing the release of ${commit.slice(0, 7)} …\n`)
    git('clone', '--quiet', '--no-checkout', '--shared', root, home)
    execFileSync('git', ['checkout', '--quiet', '--detach', commit], { cwd: home, stdio: 'inherit' })
    execFileSync('npm', ['ci', '--no-fund', '--no-audit'], {
      cwd: home,
      env: { ...process.env, PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter) },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    writeFileSync(done, commit)
  }
  return { main: join(home, 'packages/server/src/main.ts'), name: commit.slice(0, 7) }
}
